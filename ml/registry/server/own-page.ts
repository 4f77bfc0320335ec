/** @file Requests that a web page of another site sends through the user's browser are refused. */
import type { IncomingMessage } from "node:http";
import { MlflowError } from "../mlflow-error.ts";

/** Names of this machine that a request may ask for. */
const ownNames: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** Whether only programs of this machine can connect to an address that a server listens on. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/**
 * Throws MLflow's error for a request of another site's page. On the loopback interface, where no password is asked for, the
 * `Host` must be this machine's, as a page's name may be made to lead here; elsewhere a page that sends one is the server's own.
 */
export function requireOwnPage({ headers }: IncomingMessage, loopback: boolean): void {
  const host = headers.host?.replace(/:\d+$/, "");
  if (loopback && host !== undefined && !ownNames.has(host))
    throw new MlflowError("PERMISSION_DENIED", `Invalid Host header: this server is not ${host}`);
  const { origin } = headers;
  if (origin === undefined) return;
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  const own = loopback ? url && ownNames.has(url.hostname) : url?.host === headers.host;
  if (!own) throw new MlflowError("PERMISSION_DENIED", `Cross-origin request from ${origin} blocked`);
}
