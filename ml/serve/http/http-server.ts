/** @file The HTTP server: gives each request to its target, and ends without dropping any. */
import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { Server as NetServer, Socket } from "node:net";
import type { ConnectionTimes } from "../connection-times.ts";
import { ServingError } from "../inference.ts";
import { Exchange, ServingRequest, type Target } from "./exchange.ts";
import type { ExtraRoute, HttpApp } from "./http-app.ts";
import type { Router } from "./router.ts";

/** How the server treats connections. */
export interface HttpServerOptions {
  readonly app: HttpApp;
  readonly router: Router;
  readonly extraRoutes: readonly ExtraRoute[];
  readonly times: ConnectionTimes;
}

const nowhere: Target = { protocol: "v2", takesBody: false, handle: () => {} };

/** A server that listens nowhere yet. */
export function createHttpServer({ app, router, extraRoutes, times }: HttpServerOptions): Server {
  const options = {
    IncomingMessage: ServingRequest,
    headersTimeout: Math.min(times.head, times.request),
    requestTimeout: times.request,
    keepAliveTimeout: times.idle,
    connectionsCheckingInterval: Math.min(5000, times.head / 2),
    noDelay: true,
  };
  const answer = (request: ServingRequest, response: ServerResponse, awaitsContinue: boolean): void => {
    const { method = "GET", url = "/" } = request;
    for (const route of extraRoutes)
      if (route(request, response)) {
        if (awaitsContinue && !response.headersSent) response.writeContinue();
        return;
      }
    const target = router.find(method, url);
    if (target !== undefined && target !== "wrong method") {
      const exchange = new Exchange(app, request, response, target);
      exchange.awaitsContinue = awaitsContinue;
      exchange.begin();
      return;
    }
    const exchange = new Exchange(app, request, response, nowhere);
    request.resume();
    if (target === undefined)
      exchange.fail(new ServingError("not-found", `there is no ${method} ${url.slice(0, 200)} here`));
    else exchange.send(405, "application/json", '{"error":"wrong method"}', ["allow", "GET, POST"]);
  };
  const server = createServer(options, (request, response) => answer(request, response, false));
  // Else Node has every body sent before anybody has looked at who sends it.
  server.on("checkContinue", (request: ServingRequest, response) => answer(request, response, true));
  return server;
}

/** Milliseconds after which a connection that has said nothing isn't waited for when the server ends. */
const saysSoon = 500;

/** The connections of a server, so that it can end. */
export class Connections {
  readonly #http: Server;
  readonly #listener: NetServer;
  /** With the time since when each is there. */
  readonly #sockets = new Map<Socket, number>();

  /** @param listener what listens: the HTTP server, or what hands connections to it */
  constructor(http: Server, listener: NetServer) {
    this.#http = http;
    this.#listener = listener;
    listener.on("connection", (socket: Socket) => {
      this.#sockets.set(socket, performance.now());
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  /** Takes no more connections, waits for the answers that are under way, and cuts what isn't done in `grace` milliseconds. */
  async close(grace: number): Promise<void> {
    const closed = once(this.#listener, "close");
    this.#listener.close();
    const end = performance.now() + grace;
    while (this.#sockets.size > 0 && performance.now() < end) {
      this.#http.closeIdleConnections();
      // Those that say nothing are of no server; what a new one says may still be on its way.
      const lately = performance.now() - saysSoon;
      for (const [socket, since] of this.#sockets)
        if (socket.bytesRead === 0 && since < lately) socket.destroy();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    for (const socket of this.#sockets.keys()) socket.destroy();
    await closed;
  }
}
