/** @file A proxy before a server that can go away, in the middle of answers too, and come back at the same port. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export class FlakyProxy {
  readonly #target: { readonly host: string; readonly port: number };
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;
  /** Requests after which the connection is cut before the answer. */
  #cuts = 0;
  #cut = 0;

  constructor(target: string) {
    const { hostname, port } = new URL(target);
    this.#target = { host: hostname, port: Number(port) };
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** How many answers were cut off. */
  get cut(): number {
    return this.#cut;
  }

  async comeBack(): Promise<void> {
    const server = createServer((socket) => this.#join(socket)).listen(this.#port, "127.0.0.1");
    await once(server, "listening");
    // SAFETY: a server that listens on a port has an address of this kind.
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async goAway(): Promise<void> {
    if (!this.#server) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    this.#server = undefined;
  }

  /** Cuts off the next answers: the server has had the request, the client doesn't know. */
  cutAnswers(count: number): void {
    this.#cuts = count;
  }

  #join(socket: Socket): void {
    const other = connect(this.#target);
    for (const [from, to] of [
      [socket, other],
      [other, socket],
    ] as const) {
      this.#sockets.add(from);
      from.on("error", () => {});
      from.once("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
    socket.pipe(other);
    other.on("data", (chunk: Buffer) => {
      if (this.#cuts === 0) return void socket.write(chunk);
      this.#cuts -= 1;
      this.#cut += 1;
      socket.destroy();
    });
  }
}
