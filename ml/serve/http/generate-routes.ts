/**
 * @file Answers that come in parts, as server-sent events: the `generate` and `generate_stream` of Triton's extension of the
 * Open Inference Protocol. A request is an object of values by input; each event's data is an object of values by output.
 */
import type { ServerResponse } from "node:http";
import { InvalidInputError } from "../../errors.ts";
import type { InferenceResponse, InferenceTensor } from "../inference.ts";
import { PlannedRequest } from "../plan/planned-request.ts";
import { toldError, type Exchange, type Target } from "./exchange.ts";
import { HttpContext } from "./http-context.ts";
import { readColumns } from "./json-rows.ts";
import { outputValues } from "./output-rows.ts";
import type { FindTarget } from "./router.ts";
import { boundUnread } from "./unread-answers.ts";
import { asObject, parametersOf, parseJson } from "./v2-request.ts";
import { quotedName } from "./v2-response.ts";

/** `/v2/models/NAME[/versions/V]/generate` and `/generate_stream`. */
export const generateTargets: FindTarget = (method, path, models) => {
  const [root, kind, model, ...rest] = path;
  if (method !== "POST" || root !== "v2" || kind !== "models" || model === undefined) return undefined;
  const isVersioned = rest[0] === "versions";
  const version = isVersioned ? rest[1] : undefined;
  const [verb, ...more] = isVersioned ? rest.slice(2) : rest;
  if (more.length > 0 || (verb !== "generate" && verb !== "generate_stream")) return undefined;
  return {
    protocol: "v2",
    takesBody: true,
    isOfModel: models.has(model, version),
    modelOf: () => model,
    handle: async (exchange) => await generate(exchange, model, version, verb === "generate_stream"),
  } satisfies Target;
};

async function generate(
  exchange: Exchange,
  model: string,
  version: string | undefined,
  isStream: boolean,
): Promise<void> {
  const plan = exchange.planToAsk(model, version);
  const { id, parameters: given, ...inputs } = asObject(parseJson(exchange.body), "the body");
  if (id !== undefined && typeof id !== "string") throw new InvalidInputError("id must be a text");
  const parameters = parametersOf(given, "parameters");
  // A value alone is that of one row.
  const columns = Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [name, Array.isArray(value) ? value : [value]]),
  );
  const values = readColumns(plan, columns);
  const details = { id, outputs: undefined, parameters, isStream };
  const request = new PlannedRequest(model, version, plan, values, details);
  const context = new HttpContext(exchange, parameters);
  const response = await exchange.app.service.infer(request, context);
  if (isStream) await sendParts(exchange, response, context.signal);
  else exchange.send(200, "application/json", partJson(response, response.outputs));
}

function partJson({ model, version, id }: InferenceResponse, outputs: readonly InferenceTensor[]): string {
  const head = `{"model_name":${quotedName(model)},"model_version":${quotedName(version)}`;
  const named = id === undefined ? "" : `,"id":${JSON.stringify(id)}`;
  return `${head}${named}${outputValues(outputs)}}`;
}

/** Waits until a client has taken what waits for it, or has gone; leaves no listeners, of which a long answer would make many. */
async function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      response.off("drain", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    response.once("drain", done);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}

/** Writes each part as an event, as fast as the caller reads them. */
async function sendParts(exchange: Exchange, answer: InferenceResponse, signal: AbortSignal): Promise<void> {
  const { response } = exchange;
  response.writeHead(200, {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.flushHeaders();
  try {
    for await (const outputs of answer.parts ?? [answer.outputs]) {
      if (signal.aborted) return;
      if (response.write(`data: ${partJson(answer, outputs)}\n\n`)) continue;
      boundUnread(response, exchange.app.limits.unread);
      await drained(response, signal);
    }
  } catch (error) {
    if (signal.aborted) return;
    const { message } = toldError(error, exchange.app.onError);
    response.write(`event: error\ndata: ${JSON.stringify({ error: message })}\n\n`);
  }
  response.end();
}
