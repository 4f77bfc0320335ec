/** @file gRPC, loaded when the first client speaks it: its library takes longer to load than all the rest of the service. */
import type { Socket } from "node:net";
import { createGrpcServer, type GrpcOptions, type GrpcServer } from "./grpc-server.ts";

/** A server of gRPC that is made when it is needed. */
export class LazyGrpc {
  readonly #options: GrpcOptions;
  #server: Promise<GrpcServer> | undefined;
  #isClosed = false;

  constructor(options: GrpcOptions) {
    this.#options = options;
  }

  /** What takes connections over; once closed it ends them. */
  async accept(): Promise<(connection: Socket) => void> {
    this.#server ??= import("@grpc/grpc-js").then((library) =>
      // In a bundle a module of CommonJS has a default export only.
      createGrpcServer("Server" in library ? library : Object(library).default, this.#options),
    );
    const server = await this.#server;
    return (connection) => {
      if (this.#isClosed) connection.destroy();
      else server.accept(connection);
    };
  }

  /** As {@link GrpcServer.close}. */
  async close(grace: number): Promise<void> {
    this.#isClosed = true;
    await (await this.#server)?.close(grace);
  }
}
