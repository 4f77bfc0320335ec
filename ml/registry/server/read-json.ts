/** @file The JSON of a request: its body, or the fields of its query. */
import type { IncomingMessage } from "node:http";
import { invalidParameter, MlflowError } from "../mlflow-error.ts";

/** The largest JSON that a request may hold; MLflow's clients send batches of 1 MB. */
const largestBody = 32 * 1024 * 1024;

/** Fields that a query may hold several times. */
const repeated: ReadonlySet<string> = new Set(["experiment_ids", "order_by", "run_ids", "stages"]);

/** The fields of a query; those that may be repeated are lists. */
export function queryFields(query: URLSearchParams): Readonly<Record<string, string | readonly string[]>> {
  const fields: Record<string, string | readonly string[]> = {};
  for (const key of query.keys())
    fields[key] = repeated.has(key) ? query.getAll(key) : (query.get(key) ?? "");
  return fields;
}

/**
 * The JSON object that is a request's body; an empty one where there is none. Throws MLflow's error for what is none, is too
 * large, or takes longer than `timeout` milliseconds to come.
 */
export async function readJson(request: IncomingMessage, timeout: number): Promise<unknown> {
  const body = await readBody(request, timeout);
  if (body.length === 0) return {};
  const type = request.headers["content-type"]?.split(";")[0]?.trim();
  if (type !== "application/json")
    throw new MlflowError("BAD_REQUEST", "Bad Request. Content-Type must be one of ['application/json'].");
  return parseObject(body.toString("utf8"));
}

async function readBody(request: IncomingMessage, timeout: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  let stop = (): void => {};
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        const message = `The request took longer than ${timeout / 1000} s.`;
        reject(new MlflowError("BAD_REQUEST", message, { status: 408 }));
      }, timeout);
      const take = (bytes: Buffer): void => {
        length += bytes.length;
        chunks.push(bytes);
        if (length > largestBody)
          reject(invalidParameter(`A request must be at most ${largestBody} bytes, got more.`));
      };
      const broken = (): void => reject(new MlflowError("BAD_REQUEST", "The request broke off."));
      // Every request closes; an error that nobody sees costs its stack.
      const whole = (): void => {
        request.off("close", broken);
        resolve();
      };
      stop = () => {
        clearTimeout(timer);
        request.off("data", take).pause();
      };
      request.on("data", take).once("end", whole).once("error", broken).once("close", broken);
    });
  } finally {
    stop();
  }
  return Buffer.concat(chunks);
}

function parseObject(text: string): object {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
    // Old clients encode twice.
    if (typeof parsed === "string") parsed = JSON.parse(parsed);
  } catch (error) {
    throw new MlflowError("BAD_REQUEST", "The request is not valid JSON.", { cause: error });
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw new MlflowError("BAD_REQUEST", "The request is not a JSON object.");
  return parsed;
}
