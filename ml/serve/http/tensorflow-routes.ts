/** @file TF Serving's REST API, and Vertex AI's contract of containers, which speaks its `instances`. */
import { InvalidInputError } from "../../errors.ts";
import { scanRows } from "../json/scan-rows.ts";
import type { CallContext, InferenceResponse } from "../inference.ts";
import type { ModelInputs } from "../plan/model-inputs.ts";
import type { ModelPlan } from "../plan/model-plan.ts";
import { PlannedRequest } from "../plan/planned-request.ts";
import type { ModelService } from "../service/model-service.ts";
import type { Exchange, Target } from "./exchange.ts";
import { HttpContext } from "./http-context.ts";
import { readColumns, readInstances } from "./json-rows.ts";
import { columnsJson, instancesJson } from "./output-rows.ts";
import type { FindTarget } from "./router.ts";
import { asObject, parametersOf, parseJson } from "./v2-request.ts";

/** `/v1/models/NAME[/versions/N|/labels/L][:predict|/metadata]`. */
export const tensorflowTargets: FindTarget = (method, path, models) => {
  const [root, kind, ...parts] = path;
  if (root !== "v1" || kind !== "models" || parts.length === 0) return undefined;
  const verb = /:(\w+)$/.exec(parts.at(-1) ?? "")?.[1];
  const [name = "", ...rest] = parts.map((part, at) =>
    at === parts.length - 1 && verb !== undefined ? part.slice(0, -verb.length - 1) : part,
  );
  const isVersioned = rest[0] === "versions" || rest[0] === "labels";
  const version = isVersioned ? rest[1] : undefined;
  const more = isVersioned ? rest.slice(2) : rest;
  if (isVersioned && version === undefined) return undefined;
  if (method === "POST" && verb === "predict" && more.length === 0)
    return predictTarget("tensorflow", () => name, models.has(name, version), version);
  if (method !== "GET" || verb !== undefined) return undefined;
  if (more.length === 0) return json((exchange) => status(exchange.app.models, name, version));
  return more.length === 1 && more[0] === "metadata"
    ? json((exchange) => metadata(exchange.app.models, name, version))
    : undefined;
};

/** Vertex AI's routes, of its environment variables `AIP_PREDICT_ROUTE` and `AIP_HEALTH_ROUTE`. */
export function vertexTargets(environment: NodeJS.ProcessEnv): FindTarget {
  const { AIP_PREDICT_ROUTE: predict, AIP_HEALTH_ROUTE: health } = environment;
  return (method, path) => {
    const place = `/${path.join("/")}`;
    if (method === "POST" && place === predict)
      return predictTarget("vertex", (all) => all.only(), true, undefined);
    if (method !== "GET" || place !== health) return undefined;
    return {
      protocol: "vertex",
      takesBody: false,
      isHealth: true,
      handle: (exchange) => {
        const isReady = exchange.app.service.isReady();
        exchange.json(isReady ? 200 : 503, { ready: isReady });
      },
    };
  };
}

function json(value: (exchange: Exchange) => object): Target {
  return {
    protocol: "tensorflow",
    takesBody: false,
    handle: (exchange) => exchange.json(200, value(exchange)),
  };
}

function predictTarget(
  protocol: CallContext["protocol"],
  nameOf: (models: ModelService) => string,
  isOfModel: boolean,
  version: string | undefined,
): Target {
  return {
    protocol,
    takesBody: true,
    isOfModel,
    modelOf: nameOf,
    handle: (exchange) => {
      const { models } = exchange.app;
      const name = nameOf(models);
      const plan = exchange.planToAsk(name, version);
      const { values, isColumns } = readBody(plan, exchange);
      const details = { id: undefined, outputs: undefined, parameters: undefined };
      const request = new PlannedRequest(name, version, plan, values, details);
      const answer = exchange.app.service.infer(request, new HttpContext(exchange, undefined));
      if (answer instanceof Promise) return answer.then((found) => respond(exchange, isColumns, found));
      respond(exchange, isColumns, answer);
      return undefined;
    },
  };
}

function respond(exchange: Exchange, isColumns: boolean, response: InferenceResponse): void {
  exchange.send(200, "application/json", isColumns ? columnsJson(response) : instancesJson(response));
}

interface Prediction {
  readonly values: ModelInputs;
  readonly isColumns: boolean;
}

function readBody(plan: ModelPlan, { body }: Exchange): Prediction {
  const scanned = scanRows(plan, body, true);
  if (scanned) return { values: scanned, isColumns: false };
  const { instances, inputs, parameters } = asObject(parseJson(body), "the body");
  parametersOf(parameters, "parameters");
  if (instances !== undefined && inputs !== undefined)
    throw new InvalidInputError("the body has both instances and inputs, and one is needed");
  if (instances !== undefined) return { values: readInstances(plan, instances), isColumns: false };
  if (inputs !== undefined) return { values: readColumns(plan, inputs), isColumns: true };
  throw new InvalidInputError("the body has neither instances nor inputs, of which it must have one");
}

function status(models: ModelService, name: string, version: string | undefined): object {
  const versions =
    version === undefined ? models.versionsOf(name) : [models.metadata(name, version).versions[0] ?? ""];
  return {
    model_version_status: versions.map((each) => ({
      version: each,
      state: "AVAILABLE",
      status: { error_code: "OK", error_message: "" },
    })),
  };
}

const tensorflowTypes: Readonly<Record<string, string>> = {
  BOOL: "DT_BOOL",
  INT8: "DT_INT8",
  UINT8: "DT_UINT8",
  INT32: "DT_INT32",
  INT64: "DT_INT64",
  FP32: "DT_FLOAT",
  FP64: "DT_DOUBLE",
  BYTES: "DT_STRING",
};

function metadata(models: ModelService, name: string, asked: string | undefined): object {
  const plan = models.planOf(name, asked);
  const version = models.metadata(name, asked).versions.at(-1);
  const infos = (parts: readonly { name: string; datatype: string; shape: readonly number[] }[]): object =>
    Object.fromEntries(
      parts.map((part) => [
        part.name,
        {
          dtype: tensorflowTypes[part.datatype] ?? "DT_INVALID",
          name: part.name,
          tensor_shape: {
            dim: [-1, ...part.shape].map((size) => ({ size: String(size), name: "" })),
            unknown_rank: false,
          },
        },
      ]),
    );
  const signature = {
    inputs: infos(plan.inputs),
    outputs: infos(plan.outputs),
    method_name: "tensorflow/serving/predict",
  };
  return {
    model_spec: { name, signature_name: "", version },
    metadata: { signature_def: { signature_def: { serving_default: signature } } },
  };
}
