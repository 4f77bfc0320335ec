/**
 * @file One port for HTTP/1.1 and HTTP/2: a connection's first bytes say which it speaks (behind TLS, ALPN says it before), and
 * it is handed to the server of that protocol, which reads it from its beginning.
 */
import type { Server as HttpServer } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions, type TLSSocket } from "node:tls";

/** Takes a connection over. */
export type Accept = (connection: Socket) => void;

/** Who takes which connections. */
export interface PortOptions {
  /** A server of HTTP/1.1 that doesn't listen itself. */
  readonly http: HttpServer;
  /** What takes those that speak HTTP/2; asked for at the first one. */
  readonly http2: () => Accept | Promise<Accept>;
  /** Certificates; the port speaks TLS where they are there. */
  readonly tls?: TlsOptions | undefined;
  /** In how many milliseconds the first bytes must come; 10,000 where absent. */
  readonly firstBytesTimeout?: number | undefined;
  /** Told of what `http2` rejects with. */
  readonly onError: (error: unknown) => void;
}

/** What every HTTP/2 connection begins with (RFC 9113, 3.4), as far as no method of HTTP/1.1 does. */
const preface = Buffer.from("PRI ");

/** A server of connections, for `listen`. It doesn't close connections that were handed over. */
export function createPort(options: PortOptions): Server {
  const { http, tls, firstBytesTimeout = 10_000 } = options;
  if (tls === undefined)
    return createServer({ noDelay: true, allowHalfOpen: true }, (socket) =>
      sniff(socket, firstBytesTimeout, (isHttp2) => void hand(socket, isHttp2)),
    );
  return createTlsServer(
    { ...tls, ALPNProtocols: ["h2", "http/1.1"], handshakeTimeout: firstBytesTimeout, noDelay: true },
    (socket: TLSSocket) => {
      if (socket.alpnProtocol === "h2") void hand(socket, true);
      else if (socket.alpnProtocol === "http/1.1") void hand(socket, false);
      else sniff(socket, firstBytesTimeout, (isHttp2) => void hand(socket, isHttp2));
    },
  );

  async function hand(socket: Socket, isHttp2: boolean): Promise<void> {
    if (!isHttp2) {
      http.emit("connection", socket);
      return;
    }
    // It may end while its server is being loaded.
    const ignore = (): void => {};
    socket.on("error", ignore);
    // An end of the client's side ends an HTTP/2 connection.
    socket.allowHalfOpen = false;
    try {
      const accept = await options.http2();
      if (!socket.destroyed) accept(socket);
      socket.off("error", ignore);
    } catch (error) {
      options.onError(error);
      socket.destroy();
    }
  }
}

/** Looks at a connection's first bytes and puts them back. */
function sniff(socket: Socket, timeout: number, decide: (isHttp2: boolean) => void): void {
  let seen: Buffer | undefined;
  const destroy = (): void => void socket.destroy();
  socket.setTimeout(timeout);
  for (const event of ["timeout", "error", "end"]) socket.on(event, destroy);
  socket.on("readable", look);

  function look(): void {
    const bytes: unknown = socket.read();
    if (!(bytes instanceof Buffer)) return;
    seen = seen === undefined ? bytes : Buffer.concat([seen, bytes]);
    const length = Math.min(seen.length, preface.length);
    const isPreface = seen.compare(preface, 0, length, 0, length) === 0;
    if (isPreface && length < preface.length) return;
    for (const event of ["timeout", "error", "end"]) socket.off(event, destroy);
    socket.off("readable", look);
    socket.setTimeout(0);
    socket.unshift(seen);
    decide(isPreface);
  }
}
