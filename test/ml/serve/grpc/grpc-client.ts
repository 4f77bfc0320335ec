/** @file Clients of gRPC as others make them: messages by protobufjs's own reading of the `.proto` files. */
import { join, resolve } from "node:path";
import {
  type ChannelCredentials,
  Client,
  credentials,
  type Metadata,
  type MethodDefinition,
  type ServiceError,
} from "@grpc/grpc-js";
import protobuf from "protobufjs";
import { repositoryRoot } from "../../../support/repository.ts";

export type Message = Readonly<Record<string, unknown>>;

const folder = join(repositoryRoot, "ml/serve/grpc/protos");

/** The definitions of a file in `ml/serve/grpc/protos`, or at an absolute path. */
export const readProto = (name: string): protobuf.Root =>
  new protobuf.Root().loadSync(resolve(folder, name), { keepCase: true });

const asObject = { longs: String, enums: String, defaults: true, oneofs: true } as const;

/** A service as a client sees it. */
export class ProtoClient {
  readonly #client: Client;
  readonly #service: protobuf.Service;

  /** @param file a file of definitions, with one service in it */
  constructor(
    address: string,
    file: string,
    service: string,
    by: ChannelCredentials = credentials.createInsecure(),
  ) {
    this.#client = new Client(address, by, { "grpc.max_receive_message_length": -1 });
    this.#service = readProto(file).lookupService(service).resolveAll() as protobuf.Service;
  }

  /** The answer to a message, or to bytes in its place. Rejects with gRPC's status. */
  call(
    method: string,
    message: Message | Buffer,
    { metadata, deadline }: { readonly metadata?: Metadata; readonly deadline?: number } = {},
  ): Promise<Message> & { cancel(): void } {
    const { path, requestSerialize, responseDeserialize } = this.#definition(method);
    let cancel = (): void => {};
    const answer = new Promise<Message>((resolve, reject) => {
      const callback = (error: ServiceError | null, value?: Message): void =>
        error ? reject(error) : resolve(value ?? {});
      const options = deadline === undefined ? {} : { deadline };
      const call =
        metadata === undefined
          ? this.#client.makeUnaryRequest(
              path,
              requestSerialize,
              responseDeserialize,
              message,
              options,
              callback,
            )
          : this.#client.makeUnaryRequest(
              path,
              requestSerialize,
              responseDeserialize,
              message,
              metadata,
              options,
              callback,
            );
      cancel = () => call.cancel();
    });
    return Object.assign(answer, { cancel: () => cancel() });
  }

  /** The answers of a stream to messages that are sent at once. */
  stream(
    method: string,
    messages: readonly Message[],
    isOpen = false,
  ): AsyncIterable<Message> & { cancel(): void } {
    const { path, requestSerialize, responseDeserialize } = this.#definition(method);
    const call = this.#client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
    for (const message of messages) call.write(message);
    if (!isOpen) call.end();
    return call;
  }

  /** What a service says again and again in answer to one message. */
  watch(method: string, message: Message): AsyncIterable<Message> & { cancel(): void } {
    const { path, requestSerialize, responseDeserialize } = this.#definition(method);
    return this.#client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, message);
  }

  close(): void {
    this.#client.close();
  }

  #definition(method: string): MethodDefinition<Message | Buffer, Message> {
    const found = this.#service.methods[method];
    const { resolvedRequestType: request, resolvedResponseType: response } = found ?? {};
    if (!request || !response) throw new Error(`there is no ${method}`);
    return {
      path: `/${this.#service.fullName.slice(1)}/${method}`,
      requestStream: false,
      responseStream: false,
      requestSerialize: (message) =>
        message instanceof Buffer
          ? message
          : Buffer.from(request.encode(request.fromObject(message)).finish()),
      requestDeserialize: (bytes) => request.toObject(request.decode(bytes), asObject),
      responseSerialize: (message) => Buffer.from(response.encode(response.fromObject(message)).finish()),
      responseDeserialize: (bytes) => response.toObject(response.decode(bytes), asObject),
    };
  }
}

/** A client of `GRPCInferenceService`. */
export const inferenceClient = (address: string, by?: ChannelCredentials): ProtoClient =>
  new ProtoClient(address, "open_inference.proto", "inference.GRPCInferenceService", by);
