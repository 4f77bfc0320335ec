/**
 * @file gRPC for connections that another server takes: `GRPCInferenceService`, health and reflection on `@grpc/grpc-js`.
 *
 * It is given connections that speak HTTP/2 (see `../port.ts`) and listens nowhere itself. Messages go through the library as
 * bytes; what reads them gives errors that name the input.
 */
import type { Duplex } from "node:stream";
import type {
  Metadata,
  sendUnaryData,
  ServerDuplexStream,
  ServerUnaryCall,
  ServerWritableStream,
  ServiceDefinition,
} from "@grpc/grpc-js";
import type { ConnectionTimes } from "../connection-times.ts";
import type { Caller, InferenceService } from "../inference.ts";
import { requireAny, requireReading, type Verb } from "../security/grants.ts";
import { addressOf, type CallCredentials, credentialsOf, type GrpcCall } from "./call-context.ts";
import { type CallGuard, guardCalls } from "./guarded-call.ts";
import { Health } from "./health.ts";
import { answerInfer, answerStream, type InferCalls } from "./infer-calls.ts";
import {
  readNamedModel,
  type ServerIdentity,
  writeModelMetadata,
  writeServerMetadata,
  writeTruth,
} from "./metadata-messages.ts";
import { serveReflection } from "./reflection.ts";
import { type GrpcLibrary, serviceErrorOf } from "./status.ts";

/** How gRPC is served. */
export interface GrpcOptions {
  readonly service: InferenceService;
  readonly identity: ServerIdentity;
  /** The largest message in bytes. */
  readonly maxMessageBytes: number;
  /** In how many milliseconds a request must have its answer; no limit where absent. */
  readonly timeout?: number | undefined;
  /** How long clients may take for a message, and be idle; the defaults below where absent. */
  readonly times?: Partial<Pick<ConnectionTimes, "request" | "idle">> | undefined;
  /** Proves who asks for models, or throws (or rejects with) a {@link ServingError}; anybody may where absent. */
  readonly authenticate?: ((credentials: CallCredentials) => Caller | Promise<Caller>) | undefined;
  /** Throws a {@link ServingError} for a caller that may ask for no inference now. */
  readonly admit?: ((caller: Caller) => void) | undefined;
  /** Told of errors that are the service's own. */
  readonly onError: (error: unknown) => void;
}

/** gRPC on connections that are handed to it. */
export interface GrpcServer {
  /** Takes over a connection whose client speaks HTTP/2. */
  accept(connection: Duplex): void;
  /** Takes no more calls and tells clients so; calls under way have so many milliseconds. Resolves when all have ended. */
  close(grace: number): Promise<void>;
}

/** How connections are kept: milliseconds, counts. */
const connectionLimits = {
  /** A call's message must have come by then. */
  receive: 60_000,
  /** A client that has said nothing for so long is asked whether it is there, and must answer in time. */
  keepalive: 30_000,
  keepaliveAnswer: 10_000,
  /** A connection without calls ends. */
  idle: 300_000,
  streams: 256,
} as const;

const inferenceService = "/inference.GRPCInferenceService/";
const inferPath = `${inferenceService}ModelInfer`;
/** Of calls of models: one of these verbs must be granted on the model that the message names. */
const verbsOfModels: Readonly<Record<string, readonly Verb[]>> = {
  [inferPath]: ["infer"],
  [`${inferenceService}ModelStreamInfer`]: ["infer"],
  [`${inferenceService}ModelReady`]: ["infer", "read"],
  [`${inferenceService}ModelMetadata`]: ["infer", "read"],
};
/** Health is nobody's secret. */
const open: ReadonlySet<string> = new Set(
  ["ServerLive", "ServerReady"].map((name) => inferenceService + name),
);

/** Makes the server; nothing listens. */
export function createGrpcServer(library: GrpcLibrary, options: GrpcOptions): GrpcServer {
  const { service } = options;
  const errors = { library, onError: options.onError };
  const { authenticate, admit: admitCaller } = options;
  /** Who calls, of calls that have been admitted and have no answer yet. */
  const callers = new WeakMap<Metadata, Caller>();
  const admitted = (path: string, metadata: Metadata, caller: Caller): void => {
    // Which model is asked stands in the message: who may ask none of them needn't send it.
    const verbs = verbsOfModels[path];
    if (verbs) requireAny(caller, verbs, service.modelNames());
    // Of a stream each message is a request of its own, and is admitted as it comes.
    if (path === inferPath) admitCaller?.(caller);
    callers.set(metadata, caller);
  };
  const admit: CallGuard["admit"] = (path, metadata, call) => {
    if (!path.startsWith(inferenceService) || open.has(path)) return undefined;
    const caller = authenticate
      ? authenticate(credentialsOf(metadata, call))
      : { name: undefined, address: addressOf(call) };
    if (caller instanceof Promise) return caller.then((known) => admitted(path, metadata, known));
    return admitted(path, metadata, caller);
  };
  const server = new library.Server({
    "grpc.max_receive_message_length": options.maxMessageBytes,
    "grpc.max_send_message_length": -1,
    "grpc.max_concurrent_streams": connectionLimits.streams,
    "grpc.keepalive_time_ms": connectionLimits.keepalive,
    "grpc.keepalive_timeout_ms": connectionLimits.keepaliveAnswer,
    "grpc.max_connection_idle_ms": options.times?.idle ?? connectionLimits.idle,
    "grpc.enable_channelz": 0,
    interceptors: [
      guardCalls({ receive: options.times?.request ?? connectionLimits.receive, admit, errors }),
    ],
  });
  const health = new Health(service);
  const calls: InferCalls = {
    infer: service.infer,
    limit: options.timeout ?? Number.POSITIVE_INFINITY,
    admit: admitCaller,
    errors,
  };
  const identity = writeServerMetadata(options.identity);

  /** Answers a call of one message by its bytes. */
  const answers =
    (answer: (request: Buffer) => Buffer): Unary =>
    (call, callback) => {
      try {
        callback(null, answer(call.request));
      } catch (error) {
        callback(serviceErrorOf(error, errors));
      }
    };
  const callerOf = (call: GrpcCall): Caller =>
    callers.get(call.metadata) ?? { name: undefined, address: addressOf(call) };
  /** Answers a call of one message for those who prove who they are. */
  const knownAnswers =
    (answer: (request: Buffer, caller: Caller) => Buffer): Unary =>
    (call, callback) =>
      answers((request) => answer(request, callerOf(call)))(call, callback);

  const inference = {
    ServerLive: answers(() => writeTruth(service.isLive())),
    ServerReady: answers(() => writeTruth(service.isReady())),
    ModelReady: knownAnswers((request, caller) => {
      const { name, version } = readNamedModel(request);
      requireReading(caller, name);
      return writeTruth(service.isModelReady(name, version));
    }),
    ServerMetadata: knownAnswers(() => identity),
    ModelMetadata: knownAnswers((request, caller) => {
      const { name, version } = readNamedModel(request);
      requireReading(caller, name);
      return writeModelMetadata(service.metadata(name, version));
    }),
    ModelInfer: (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>): void =>
      answerInfer(calls, call, callerOf(call), callback),
    ModelStreamInfer: (call: ServerDuplexStream<Buffer, Buffer>): void =>
      answerStream(calls, call, callerOf(call)),
  };
  server.addService(
    definitionOf("inference.GRPCInferenceService", inference, ["ModelStreamInfer"]),
    inference,
  );
  const healthCalls = {
    Check: answers((request) => health.check(request)),
    Watch: (call: ServerWritableStream<Buffer, Buffer>): void => {
      try {
        health.watch(call);
      } catch (error) {
        call.emit("error", serviceErrorOf(error, errors));
      }
    },
  };
  server.addService(definitionOf("grpc.health.v1.Health", healthCalls, [], ["Watch"]), healthCalls);
  for (const version of ["v1", "v1alpha"]) {
    const name = `grpc.reflection.${version}.ServerReflection`;
    const reflection = { ServerReflectionInfo: serveReflection };
    server.addService(definitionOf(name, reflection, ["ServerReflectionInfo"]), reflection);
  }
  // What it is given has passed TLS already, where there is any.
  const injector = server.createConnectionInjector(library.ServerCredentials.createInsecure());
  return {
    accept: (connection) => injector.injectConnection(connection),
    close: async (grace) => {
      health.close();
      injector.drain(grace);
      const ended = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      const late = setTimeout(() => server.forceShutdown(), grace);
      await ended;
      clearTimeout(late);
      injector.destroy();
    },
  };
}

type Unary = (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => void;

const asIs = (bytes: Buffer): Buffer => bytes;

/** The definition of a service whose messages go through as bytes. */
function definitionOf(
  service: string,
  calls: object,
  duplex: readonly string[] = [],
  serverStreams: readonly string[] = [],
): ServiceDefinition {
  return Object.fromEntries(
    Object.keys(calls).map((name) => [
      name,
      {
        path: `/${service}/${name}`,
        requestStream: duplex.includes(name),
        responseStream: duplex.includes(name) || serverStreams.includes(name),
        requestSerialize: asIs,
        requestDeserialize: asIs,
        responseSerialize: asIs,
        responseDeserialize: asIs,
      },
    ]),
  );
}
