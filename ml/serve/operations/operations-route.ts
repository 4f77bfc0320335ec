/** @file What operators ask over HTTP: `/metrics`, `/admin/v1/…`, and `/debug/state` where it was asked for. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Administered, administer } from "../admin/admin-routes.ts";
import { type AdminAnswer, errorAnswer, readAdminBody, sendAdminAnswer } from "../admin/admin-request.ts";
import type { ExtraRoute } from "../http/http-app.ts";
import { type Caller, ServingError } from "../inference.ts";
import { metricsContentType, metricsText } from "../observe/metrics-text.ts";
import type { MetricSnapshot } from "../observe/metrics.ts";
import type { AdminAudit } from "../security/admin-audit.ts";
import { type KnownCaller, requireGrant } from "../security/grants.ts";

/** What the routes work with. */
export interface OperationsRouteOptions {
  /** Undefined before the service has started. */
  readonly administered: () => Administered | undefined;
  /** Absent where nobody is asked who they are: then nothing can be administered. */
  readonly callerOf: ((request: IncomingMessage) => KnownCaller | Promise<KnownCaller>) | undefined;
  readonly collect: () => Promise<readonly MetricSnapshot[]>;
  readonly audit: AdminAudit | undefined;
  readonly isTls: boolean;
  readonly hasDebug: boolean;
  readonly onError: (error: unknown) => void;
}

/** A route of the HTTP server for operators' paths. */
export function operationsRoute(options: OperationsRouteOptions): ExtraRoute {
  return (request, response) => {
    const { url = "/", method } = request;
    // Calls of models are most of what comes: their second letter tells them apart.
    const second = url.charCodeAt(1);
    if (second !== letterA && second !== letterD && second !== letterM) return false;
    if (method === "GET" && isPath(url, "/metrics")) void answerMetrics(options, request, response);
    else if (url.startsWith("/admin/v1/")) void answerAdmin(options, request, response);
    else if (options.hasDebug && method === "GET" && isPath(url, "/debug/state"))
      void answerDebug(options, request, response);
    else return false;
    return true;
  };
}

const [letterA, letterD, letterM] = ["a", "d", "m"].map((letter) => letter.charCodeAt(0));

async function answerMetrics(
  { callerOf, collect, isTls, onError }: OperationsRouteOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  request.resume();
  try {
    if (callerOf) requireGrant(await callerOf(request), "read", "*");
    const text = metricsText(await collect());
    response.writeHead(200, ["content-type", metricsContentType, "x-content-type-options", "nosniff"]);
    response.end(text);
  } catch (error) {
    sendAdminAnswer(request, response, errorAnswer(error, onError), isTls);
  }
}

async function answerAdmin(
  { administered, callerOf, audit, isTls, onError }: OperationsRouteOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = "", url = "" } = request;
  const address = request.socket.remoteAddress ?? "";
  let caller: Caller = { name: undefined, address };
  let body: unknown;
  let answer: AdminAnswer;
  try {
    if (!callerOf)
      throw new ServingError(
        "forbidden",
        "nothing can be administered without API keys or tokens in the settings",
      );
    caller = await callerOf(request);
    body = await readAdminBody(request);
    const found = administered();
    if (!found) throw new ServingError("unavailable", "the service has not started");
    const { pathname, searchParams } = new URL(url, "http://localhost");
    const path = pathname.split("/").slice(3).filter(Boolean).map(decodedPart);
    answer = await administer(found, { method, path, query: searchParams, body, caller });
  } catch (error) {
    answer = errorAnswer(error, onError);
  }
  try {
    if (method !== "GET" || answer.status >= 400)
      await audit?.record({
        caller: caller.name,
        address,
        action: `${method} ${url.slice(0, 500)}`,
        status: answer.status,
        ...(body !== undefined && { detail: body }),
      });
  } catch (error) {
    onError(error);
    answer = { status: 500, body: { error: "the change was made, but could not be written to the audit" } };
  }
  sendAdminAnswer(request, response, answer, isTls);
}

async function answerDebug(
  { callerOf, isTls, onError }: OperationsRouteOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  request.resume();
  let answer: AdminAnswer;
  try {
    if (!callerOf) throw new ServingError("forbidden", "/debug needs API keys or tokens in the settings");
    requireGrant(await callerOf(request), "admin", "*");
    answer = {
      status: 200,
      body: {
        pid: process.pid,
        node: process.version,
        uptimeSeconds: process.uptime(),
        memory: process.memoryUsage(),
        resources: process.resourceUsage(),
        active: process.getActiveResourcesInfo().length,
      },
    };
  } catch (error) {
    answer = errorAnswer(error, onError);
  }
  sendAdminAnswer(request, response, answer, isTls);
}

function isPath(url: string, path: string): boolean {
  return url.startsWith(path) && (url.length === path.length || url[path.length] === "?");
}

function decodedPart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    throw new ServingError("invalid", "the path is no valid URL", { cause });
  }
}
