/**
 * @file A breakpoint's condition, hit count and log message as one JavaScript condition.
 *
 * V8 evaluates it where the breakpoint lies, without a round trip; a condition that throws doesn't stop.
 */
import { compileExpression } from "./expression.ts";
import { RequestError } from "./requests.ts";

/** The global function through which the child tells of log points; two underscores hide it from variable lists. */
export const logBinding = "__tenonDebugLog__";

/** Where the child counts hits: a property of its global object. */
const counters = `globalThis[Symbol.for("tenon.debug.hits")]`;

export interface BreakpointOptions {
  readonly condition?: string | undefined;
  readonly hitCondition?: string | undefined;
  readonly logMessage?: string | undefined;
}

/** Removes what conditions have left in the child. */
export const forgetHits = `void delete ${counters}`;

/** Builds the condition of the breakpoint named `id`. @throws {RequestError} for one that doesn't parse. */
export function buildCondition(id: number, options: BreakpointOptions): string {
  const parts: string[] = [];
  if (isGiven(options.condition)) parts.push(`(${compileExpression(options.condition)})`);
  if (isGiven(options.hitCondition)) {
    const count = `((hits) => hits[${id}] = (hits[${id}] ?? 0) + 1)(${counters} ??= Object.create(null))`;
    parts.push(`(${hitTest(options.hitCondition, count)})`);
  }
  if (isGiven(options.logMessage)) {
    parts.push(`(${logBinding}(${logPayload(id, options.logMessage)}), false)`);
  }
  return parts.join(" && ");
}

function isGiven(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== "";
}

function hitTest(text: string, count: string): string {
  const match = /^\s*(>=|<=|===?|!==?|>|<|%)?\s*(\d+)\s*$/.exec(text);
  if (match === null) throw new RequestError(`${text} is not a hit count; write for example 5, >= 5 or % 5`);
  const [, operator = "==", number = "0"] = match;
  return operator === "%" ? `${count} % ${number} === 0` : `${count} ${operator} ${number}`;
}

/** The payload names the breakpoint, so that the output can say where it comes from. */
function logPayload(id: number, message: string): string {
  const parts: string[] = [];
  let literal = "";
  for (let index = 0; index < message.length;) {
    const end = message[index] === "{" ? closingBrace(message, index) : undefined;
    if (end === undefined) {
      literal += message[index];
      index += 1;
      continue;
    }
    parts.push(JSON.stringify(literal), show(message.slice(index + 1, end)));
    literal = "";
    index = end + 1;
  }
  parts.push(JSON.stringify(literal));
  return `${JSON.stringify(`${id}:`)} + [${parts.join(", ")}].join("")`;
}

function closingBrace(text: string, start: number): number | undefined {
  let depth = 0;
  for (let index = start; index < text.length; index++) {
    if (text[index] === "{") depth += 1;
    if (text[index] === "}") depth -= 1;
    if (depth === 0) return index === start + 1 ? undefined : index;
  }
  return undefined;
}

/** Shows one value, or what went wrong: a log point never stops and never fails. */
function show(expression: string): string {
  const code = compileExpression(expression);
  return `(() => { try { const value = (${code}); if (typeof value !== "object" || value === null) return String(value); try { return JSON.stringify(value) ?? String(value) } catch { return String(value) } } catch (error) { return "<" + error + ">" } })()`;
}
