/** @file The Open Inference Protocol v2 over REST: health, metadata, inference. */
import type { InferenceResponse } from "../inference.ts";
import { scanV2 } from "../json/scan-v2.ts";
import { PlannedRequest } from "../plan/planned-request.ts";
import type { Exchange, Target } from "./exchange.ts";
import { HttpContext } from "./http-context.ts";
import type { FindTarget } from "./router.ts";
import { readV2Binary, v2Binary } from "./v2-binary.ts";
import { readV2Json, type V2Request } from "./v2-request.ts";
import { v2Json } from "./v2-response.ts";

/** What the server says of itself. */
export interface ServerMetadata {
  readonly name: string;
  readonly version: string;
  readonly extensions: readonly string[];
}

const simple = (handle: (exchange: Exchange) => void): Target => ({
  protocol: "v2",
  takesBody: false,
  handle,
});

const open = (handle: (exchange: Exchange) => void): Target => ({ ...simple(handle), isHealth: true });

/** The targets of the protocol's paths. */
export function v2Targets(server: ServerMetadata): FindTarget {
  return (method, path, models) => {
    const [root, ...parts] = path;
    if (root !== "v2") return undefined;
    const [kind, model, ...rest] = parts;
    if (method === "GET" && kind === undefined) return simple((exchange) => exchange.json(200, server));
    if (method === "GET" && kind === "health" && rest.length === 0) return health(model);
    if (kind !== "models" || model === undefined) return undefined;
    const isVersioned = rest[0] === "versions" && rest[1] !== undefined;
    const version = isVersioned ? rest[1] : undefined;
    const [verb, ...more] = isVersioned ? rest.slice(2) : rest;
    if (more.length > 0) return undefined;
    if (method === "POST" && verb === "infer") return inferTarget(model, version, models.has(model, version));
    if (method !== "GET") return undefined;
    if (verb === undefined)
      return simple((exchange) => exchange.json(200, exchange.app.service.metadata(model, version)));
    if (verb !== "ready") return undefined;
    return simple((exchange) => {
      const isReady = exchange.app.service.isModelReady(model, version);
      exchange.json(isReady ? 200 : 503, { name: model, ready: isReady });
    });
  };
}

function health(kind: string | undefined): Target | undefined {
  if (kind === "live")
    return open((exchange) => {
      const live = exchange.app.service.isLive();
      exchange.json(live ? 200 : 503, { live });
    });
  if (kind === "ready")
    return open((exchange) => {
      const ready = exchange.app.service.isReady();
      exchange.json(ready ? 200 : 503, { ready });
    });
  return undefined;
}

function inferTarget(model: string, version: string | undefined, isOfModel: boolean): Target {
  return {
    protocol: "v2",
    takesBody: true,
    isOfModel,
    modelOf: () => model,
    handle: (exchange) => {
      const plan = exchange.planToAsk(model, version);
      const { inferenceHeaderLength } = exchange.headers;
      const read: V2Request =
        inferenceHeaderLength === undefined
          ? (scanV2(plan, exchange.body) ?? readV2Json(plan, exchange.body))
          : readV2Binary(plan, exchange.body, inferenceHeaderLength);
      const request = new PlannedRequest(model, version, plan, read.values, read);
      const answer = exchange.app.service.infer(request, new HttpContext(exchange, read.parameters));
      if (answer instanceof Promise) return answer.then((found) => respond(exchange, read, found));
      respond(exchange, read, answer);
      return undefined;
    },
  };
}

function respond(exchange: Exchange, { isBinary }: V2Request, response: InferenceResponse): void {
  if (!isBinary) {
    exchange.send(200, "application/json", v2Json(response));
    return;
  }
  const { headerLength, body } = v2Binary(response, isBinary);
  exchange.send(200, "application/octet-stream", body, [
    "inference-header-content-length",
    String(headerLength),
  ]);
}
