/** @file Starts the service: models, rules, and the server that answers. */
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo, Server as NetServer } from "node:net";
import type { TlsOptions } from "node:tls";
import { compose, type Wrapper } from "./compose.ts";
import { type ConnectionTimes, defaultTimes } from "./connection-times.ts";
import type { CallCredentials } from "./grpc/call-context.ts";
import { LazyGrpc } from "./grpc/lazy-grpc.ts";
import type { Handler } from "./engines/handler.ts";
import { HandlerEngine } from "./engines/handler-engine.ts";
import { HandlerModuleEngine } from "./engines/handlers/handler-module-engine.ts";
import type { Authenticate, ExtraRoute, HttpApp } from "./http/http-app.ts";
import { generateTargets } from "./http/generate-routes.ts";
import { Connections, createHttpServer } from "./http/http-server.ts";
import { mlflowTargets } from "./http/mlflow-routes.ts";
import { pageTargets } from "./http/page-routes.ts";
import { Router } from "./http/router.ts";
import { tensorflowTargets, vertexTargets } from "./http/tensorflow-routes.ts";
import { v2Targets } from "./http/v2-routes.ts";
import type { Caller, InferenceService } from "./inference.ts";
import { createPort } from "./port.ts";
import { ModelService } from "./service/model-service.ts";
import { planModel } from "./plan/model-plan.ts";
import { ServedModel, type OnError } from "./service/served-model.ts";
import { Repository, type RepositoryOptions } from "./service/repository.ts";

/** How models are served. */
export interface ServingOptions extends RepositoryOptions {
  /**
   * Models that are programs, beside the packages: a module by its URL, whose default export is a handler and runs in `instances` threads
   * of its own, or a handler of this program, which runs in this thread, where nothing else is done while it computes.
   */
  readonly handlers?: readonly (Handler | URL)[];
  /** How many bytes all loaded models may take, by and large: those that were asked least lately are then loaded when they are asked. */
  readonly memoryLimit?: number;
  /** The address to listen at; 127.0.0.1, which only this machine can reach, where absent. */
  readonly host?: string;
  /** The port, 0 for one that is free; 8080 where absent. */
  readonly port?: number;
  /** The largest body of a request in bytes; 64 MiB where absent. */
  readonly maxBodyBytes?: number;
  /** In how many milliseconds a request must have its answer; no limit where absent. */
  readonly timeout?: number;
  /** How long clients may take in milliseconds, where it isn't as long as by default. */
  readonly connectionTimes?: Partial<ConnectionTimes> | undefined;
  /** How many milliseconds requests that are under way have when the server closes; 30,000 where absent. */
  readonly drainTimeout?: number;
  /** Rules around the models; the first one sees a call first. */
  readonly wrappers?: readonly Wrapper[];
  /** Proves who calls by HTTP. */
  readonly authenticate?: Authenticate;
  /** Proves who calls by gRPC, or throws (or rejects with) a {@link ServingError}. */
  readonly authenticateGrpc?: (credentials: CallCredentials) => Caller | Promise<Caller>;
  /** Throws a {@link ServingError} for a caller that may ask for no inference now; asked before anything of its request is read but the head. */
  readonly admit?: (caller: Caller) => void;
  /** Certificates; the port speaks TLS where they are there. Clients' certificates must be required to be valid. */
  readonly tls?: TlsOptions;
  /** Answer paths that are none of the protocols', such as metrics. */
  readonly routes?: readonly ExtraRoute[];
  /**
   * What listens: given the HTTP server, which isn't listening, a server of connections that hands them over by
   * `http.emit("connection", socket)`. A port of both HTTP and gRPC where absent.
   */
  readonly listener?: (http: Server, service: InferenceService) => NetServer;
  /** Given the server of connections before it listens, such as to renew its certificates later. */
  readonly onListener?: (listener: NetServer) => void;
  /** Told of errors that are the service's own; printed to stderr where absent. */
  readonly onError?: (error: unknown) => void;
}

/** A service that runs. */
export interface RunningService {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** What answers, with the rules around it. */
  readonly service: InferenceService;
  /** The models without the rules. */
  readonly models: ModelService;
  /** Looks for new versions of the models now. */
  reload(): Promise<void>;
  /** Answers what is under way, and ends. */
  close(): Promise<void>;
}

/** The release that the server names; the package's. */
const serverVersion = "0.1.0";

/** How many milliseconds a handler may hold its thread beyond the time in which a request must have its answer. */
const hangMargin = 1000;

/** How many of the largest bodies may be on their way at the same time: many callers that send slowly must not fill the memory. */
const unfinishedBodies = 8;

/**
 * Serves models by the Open Inference Protocol and the protocols of clouds.
 * @throws {@link InvalidInputError} where there is no model, {@link ModelPackageError} where one can't be loaded, and the
 * system's error where the port is taken
 */
export async function startServing(options: ServingOptions): Promise<RunningService> {
  const { host = "127.0.0.1", port = 8080, maxBodyBytes = 2 ** 26, timeout, drainTimeout = 30_000 } = options;
  const times: ConnectionTimes = { ...defaultTimes, ...options.connectionTimes };
  const onError = options.onError ?? ((error: unknown) => console.error(error));
  const models = new ModelService(options.memoryLimit);
  const repository = new Repository(options, models, onError);
  try {
    for (const handler of options.handlers ?? [])
      models.put(
        handler instanceof URL
          ? await serveModule(handler, options, models, onError)
          : serveHandler(handler, models, onError),
      );
    await repository.open();
  } catch (error) {
    await repository.close();
    models.close();
    throw error;
  }
  const service = compose(models, options.wrappers ?? []);
  const app: HttpApp = {
    service,
    models,
    authenticate: options.authenticate,
    admit: options.admit,
    limits: {
      body: maxBodyBytes,
      unfinished: unfinishedBodies * maxBodyBytes,
      milliseconds: timeout ?? Number.POSITIVE_INFINITY,
      unread: times.unread,
    },
    onError,
    unfinished: 0,
    isDraining: false,
  };
  const metadata = { name: "tenon", version: serverVersion, extensions: ["binary_tensor_data"] };
  const router = new Router(
    [
      v2Targets(metadata),
      generateTargets,
      mlflowTargets,
      tensorflowTargets,
      vertexTargets(process.env),
      pageTargets(serverVersion),
    ],
    models,
  );
  const http = createHttpServer({ app, router, extraRoutes: options.routes ?? [], times });
  const grpc = new LazyGrpc({
    service,
    identity: metadata,
    maxMessageBytes: maxBodyBytes,
    timeout,
    times: options.connectionTimes,
    authenticate: options.authenticateGrpc,
    admit: options.admit,
    onError,
  });
  const { tls } = options;
  const listener =
    options.listener?.(http, service) ??
    createPort({ http, http2: () => grpc.accept(), tls, firstBytesTimeout: times.head, onError });
  options.onListener?.(listener);
  const connections = new Connections(http, listener);
  try {
    listener.listen(port, host);
    await once(listener, "listening");
  } catch (error) {
    await repository.close();
    models.close();
    throw error;
  }
  // It times connections out from then on, also those that it is handed.
  http.emit("listening");
  models.markReady();
  // SAFETY: a server that listens on a port has an address of this kind.
  const { port: taken } = listener.address() as AddressInfo;
  return {
    url: `${tls === undefined ? "http" : "https"}://${host.includes(":") ? `[${host}]` : host}:${taken}`,
    host,
    port: taken,
    service,
    models,
    reload: async () => await repository.refresh(),
    close: async () => {
      app.isDraining = true;
      models.beginDrain();
      await repository.close();
      await Promise.all([connections.close(drainTimeout), grpc.close(drainTimeout)]);
      http.close();
      models.close();
    },
  };
}

function serveHandler(handler: Handler, { infer }: ModelService, onError: OnError): ServedModel {
  const { name, version = "1", signature } = handler;
  const plan = planModel(signature);
  return new ServedModel(name, version, plan, new HandlerEngine(handler, plan, infer), onError);
}

async function serveModule(
  module: URL,
  { instances = 1, replyTimeout = Infinity, timeout = Infinity, onHang }: ServingOptions,
  { infer }: ModelService,
  onError: OnError,
): Promise<ServedModel> {
  // What the server's own limit leaves no use for is stopped, too.
  const holdLimit = Math.min(replyTimeout, timeout + hangMargin);
  const engine = await HandlerModuleEngine.start({
    module,
    models: infer,
    instances,
    holdLimit: holdLimit === Infinity ? undefined : holdLimit,
    onHang: (cause) => onHang?.(new Error(`${name}, version ${version}: ${cause.message}`, { cause })),
  });
  const { name, version, signature } = engine.description;
  return new ServedModel(name, version, planModel(signature), engine, onError);
}
