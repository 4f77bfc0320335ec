/** @file The Debug Adapter Protocol as clients send it, with Jupyter's additions: schemas for all that comes in. */
import * as v from "valibot";

const natural = v.pipe(v.number(), v.integer(), v.minValue(0));
const optionalNatural = v.optional(natural);
const source = v.object({ path: v.optional(v.string()), sourceReference: v.optional(v.number()) });
const thread = v.object({});
const anything = v.optional(v.looseObject({}), {});

export const requestSchema = v.object({
  seq: v.optional(v.number(), 0),
  command: v.string(),
  arguments: v.optional(v.nullable(v.unknown())),
});

/** The arguments of each request that the adapter answers. */
export const argumentSchemas = {
  attach: v.object({ justMyCode: v.optional(v.boolean(), true) }),
  breakpointLocations: v.object({ source, line: natural, endLine: optionalNatural }),
  configurationDone: anything,
  continue: thread,
  copyToGlobals: v.object({ srcVariableName: v.string(), dstVariableName: v.string(), srcFrameId: natural }),
  debugInfo: anything,
  disconnect: anything,
  dumpCell: v.object({ code: v.string() }),
  evaluate: v.object({
    expression: v.string(),
    frameId: optionalNatural,
    context: v.optional(v.string(), "repl"),
  }),
  exceptionInfo: thread,
  initialize: v.object({
    clientID: v.optional(v.string(), ""),
    linesStartAt1: v.optional(v.boolean(), true),
    columnsStartAt1: v.optional(v.boolean(), true),
    supportsVariableType: v.optional(v.boolean(), false),
  }),
  inspectVariables: anything,
  modules: v.object({ startModule: optionalNatural, moduleCount: optionalNatural }),
  next: thread,
  pause: thread,
  richInspectVariables: v.object({
    variableName: v.string(),
    frameId: v.optional(v.nullable(v.number())),
  }),
  scopes: v.object({ frameId: natural }),
  setBreakpoints: v.object({
    source,
    breakpoints: v.optional(
      v.array(
        v.object({
          line: natural,
          column: optionalNatural,
          condition: v.optional(v.string()),
          hitCondition: v.optional(v.string()),
          logMessage: v.optional(v.string()),
        }),
      ),
      [],
    ),
  }),
  setExceptionBreakpoints: v.object({ filters: v.optional(v.array(v.string()), []) }),
  setExpression: v.object({ expression: v.string(), value: v.string(), frameId: optionalNatural }),
  setVariable: v.object({ variablesReference: natural, name: v.string(), value: v.string() }),
  source: v.object({ source: v.optional(source), sourceReference: v.optional(v.number()) }),
  stackTrace: v.object({ startFrame: optionalNatural, levels: optionalNatural }),
  stepIn: thread,
  stepOut: thread,
  threads: anything,
  variables: v.object({
    variablesReference: natural,
    filter: v.optional(v.picklist(["indexed", "named"])),
    start: optionalNatural,
    count: optionalNatural,
  }),
} as const;

/** The requests that the adapter answers. */
export type Command = keyof typeof argumentSchemas;

/** A request's parsed arguments. */
export type Arguments<C extends Command> = v.InferOutput<(typeof argumentSchemas)[C]>;

/** True for the name of a request that the adapter answers. */
export function isCommand(name: string): name is Command {
  return Object.hasOwn(argumentSchemas, name);
}

/** A request that cannot be answered; its message is for the user. */
export class RequestError extends Error {
  override readonly name = "RequestError";
}
