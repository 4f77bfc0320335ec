/** @file MLflow's scoring server, and SageMaker's container contract, which have `/invocations` in common. */
import { InvalidInputError } from "../../errors.ts";
import { scanRows } from "../json/scan-rows.ts";
import type { InferenceResponse, Parameters } from "../inference.ts";
import type { ModelInputs } from "../plan/model-inputs.ts";
import type { ModelPlan } from "../plan/model-plan.ts";
import { PlannedRequest } from "../plan/planned-request.ts";
import type { Exchange, Target } from "./exchange.ts";
import { HttpContext } from "./http-context.ts";
import { readCsv } from "./csv.ts";
import { readColumns, readInstances, readRecords, readSplit } from "./json-rows.ts";
import { mlflowJson } from "./output-rows.ts";
import type { FindTarget } from "./router.ts";
import { asObject, parametersOf, parseJson } from "./v2-request.ts";

/** The release of MLflow whose scoring server this is. */
const mlflowVersion = "3.17.2";

const text = (body: (exchange: Exchange) => readonly [status: number, body: string]): Target => ({
  protocol: "mlflow",
  takesBody: false,
  handle: (exchange) => exchange.send(...withType(body(exchange))),
});

function withType([status, body]: readonly [number, string]): readonly [number, string, string] {
  return [status, "text/plain", body];
}

const isReady = ({ app }: Exchange): readonly [number, string] =>
  app.service.isReady() ? [200, "\n"] : [503, "not ready\n"];

/** `/ping`, `/health`, `/version`, `/invocations`. */
export const mlflowTargets: FindTarget = (method, path) => {
  const [place, ...more] = path;
  if (more.length > 0) return undefined;
  if (method === "GET" && (place === "ping" || place === "health"))
    return { ...text(isReady), isHealth: true };
  if (method === "GET" && place === "version") return text(() => [200, mlflowVersion]);
  return method === "POST" && place === "invocations" ? invocations : undefined;
};

const invocations: Target = {
  protocol: "mlflow",
  takesBody: true,
  isOfModel: true,
  modelOf: (models) => models.only(),
  handle: (exchange) => {
    const { models } = exchange.app;
    const name = models.only();
    const plan = exchange.planToAsk(name, undefined);
    const { values, parameters } = readBody(plan, exchange);
    const details = { id: undefined, outputs: undefined, parameters };
    const request = new PlannedRequest(name, undefined, plan, values, details);
    const answer = exchange.app.service.infer(request, new HttpContext(exchange, parameters));
    if (answer instanceof Promise) return answer.then((found) => respond(exchange, plan, found));
    respond(exchange, plan, answer);
    return undefined;
  },
};

function respond(exchange: Exchange, plan: ModelPlan, response: InferenceResponse): void {
  exchange.send(200, "application/json", mlflowJson(plan, response));
}

interface Invocation {
  readonly values: ModelInputs;
  readonly parameters: Parameters | undefined;
}

function readBody(plan: ModelPlan, exchange: Exchange): Invocation {
  const type = exchange.headers.contentType?.split(";")[0]?.trim().toLowerCase() ?? "application/json";
  if (type === "text/csv")
    return { values: readCsv(plan, exchange.body.toString("utf8")), parameters: undefined };
  if (type !== "application/json" && type !== "application/x-www-form-urlencoded")
    throw new InvalidInputError(
      `the content type is ${type.slice(0, 50)}; send application/json or text/csv`,
    );
  const scanned = scanRows(plan, exchange.body);
  if (scanned) return { values: scanned, parameters: undefined };
  const json = asObject(parseJson(exchange.body), "the body");
  const parameters = parametersOf(json["params"], "params");
  for (const [form, read] of forms)
    if (json[form] !== undefined) return { values: read(plan, json[form]), parameters };
  throw new InvalidInputError(
    `the body has none of ${forms.map(([form]) => form).join(", ")}, of which it must have one`,
  );
}

const forms: readonly (readonly [string, (plan: ModelPlan, value: unknown) => ModelInputs])[] = [
  ["dataframe_split", readSplit],
  ["dataframe_records", (plan, value) => readRecords(plan, value)],
  ["instances", readInstances],
  ["inputs", readColumns],
];
