/** @file gRPC's health checking: of the server as a whole (no name) and of each service by its name. */
import type { ServerWritableStream } from "@grpc/grpc-js";
import { type InferenceService, ServingError } from "../inference.ts";
import { protoFiles } from "./descriptors.ts";
import { finish } from "./infer-response.ts";
import { readFields, readText, readMessage, tag, wireType, WireWriter } from "./wire.ts";

const servingStatus = { serving: 1, notServing: 2, serviceUnknown: 3 } as const;

/** How often watchers' status is looked at, in milliseconds. */
const watchInterval = 250;

const readServiceName = (bytes: Buffer): string =>
  readMessage("HealthCheckRequest", bytes, (reader, end) => {
    let name = "";
    readFields(reader, end, (found) => {
      if (found !== tag(1, wireType.bytes)) return false;
      name = readText(reader);
      return true;
    });
    return name;
  });

const writeStatus = (status: number): Buffer =>
  finish(WireWriter.create().uint32(tag(1, wireType.varint)).int32(status));

/** Health of a service, for those who ask and those who watch. */
export class Health {
  readonly #service: InferenceService;
  readonly #watchers = new Map<ServerWritableStream<Buffer, Buffer>, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(service: InferenceService) {
    this.#service = service;
  }

  /** The answer to `Check`. @throws {ServingError} of kind `not-found` where no service has the name. */
  check(request: Buffer): Buffer {
    const name = readServiceName(request);
    const status = this.#status(name);
    if (status === servingStatus.serviceUnknown)
      throw new ServingError("not-found", `there is no service "${name}"`);
    return writeStatus(status);
  }

  /** Serves `Watch`: the status at once, and again whenever it changes. @throws {ServingError} of kind `invalid`. */
  watch(call: ServerWritableStream<Buffer, Buffer>): void {
    const status = this.#status(readServiceName(call.request));
    call.write(writeStatus(status));
    call.on("cancelled", () => this.#forget(call));
    // A name that is unknown stays so.
    if (status === servingStatus.serviceUnknown) return;
    this.#watchers.set(call, status);
    this.#timer ??= setInterval(() => this.#tell(), watchInterval).unref();
  }

  /** Tells watchers that the server serves no more, and ends their streams. */
  close(): void {
    for (const [call, status] of this.#watchers) {
      if (status !== servingStatus.notServing) call.write(writeStatus(servingStatus.notServing));
      call.end();
      this.#forget(call);
    }
  }

  #status(name: string): number {
    if (name !== "" && !protoFiles.some(({ service }) => service === name))
      return servingStatus.serviceUnknown;
    return this.#service.isReady() ? servingStatus.serving : servingStatus.notServing;
  }

  #tell(): void {
    const now = this.#status("");
    for (const [call, before] of this.#watchers) {
      if (now === before) continue;
      this.#watchers.set(call, now);
      call.write(writeStatus(now));
    }
  }

  #forget(call: ServerWritableStream<Buffer, Buffer>): void {
    this.#watchers.delete(call);
    if (this.#watchers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
