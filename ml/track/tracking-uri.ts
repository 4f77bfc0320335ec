/** @file Which store runs are logged to: a folder of this machine, or an MLflow server. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { InvalidInputError } from "../errors.ts";

/** A store of runs. */
export type TrackingLocation =
  | { readonly kind: "folder"; readonly name: string; readonly folder: string }
  | {
      readonly kind: "server";
      /** The URL without a user and a password: may be shown and written. */
      readonly name: string;
      /** `Authorization` from the URL, where it has a user. */
      readonly authorization: string | undefined;
    };

/** The folder that `tenon server` serves where none is given. */
const defaultFolder = "mlruns.tenon";

let chosen: string | undefined;

/** Has runs be logged to a folder, or to the MLflow server at a URL, from now on; nothing goes back to the environment's. */
export function setTrackingUri(uri?: string): void {
  if (uri !== undefined) parseTrackingUri(uri);
  chosen = uri;
}

/** The folder or URL that runs are logged to: `setTrackingUri`, MLFLOW_TRACKING_URI, else `mlruns.tenon` in this folder. */
export function getTrackingUri(): string {
  return trackingLocation().name;
}

/** The store that a text names, or that runs are logged to where none is given. */
export function trackingLocation(uri?: string): TrackingLocation {
  return parseTrackingUri(uri ?? chosen ?? process.env["MLFLOW_TRACKING_URI"] ?? "");
}

/**
 * The store that a text names.
 * @throws {@link InvalidInputError} where it is of a kind that can't be logged to
 */
export function parseTrackingUri(uri: string): TrackingLocation {
  const text = uri.trim();
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]+):/.exec(text)?.[1]?.toLowerCase();
  if (scheme === "http" || scheme === "https") return server(text);
  if (scheme !== undefined && scheme !== "file")
    throw new InvalidInputError(
      `runs can't be logged to "${scheme}:…": give a folder, or the URL of an MLflow server (http or https)`,
    );
  if (text === "databricks")
    throw new InvalidInputError("runs can't be logged to a Databricks profile: give the workspace's URL");
  const folder = resolve(scheme === "file" ? fileOf(text) : text || defaultFolder);
  if (existsSync(join(folder, "0", "meta.yaml")) || existsSync(join(folder, ".trash")))
    throw new InvalidInputError(
      `${folder} holds runs in MLflow's own files: take them over by \`tenon server import\`, or give another folder`,
    );
  return { kind: "folder", name: folder, folder };
}

function server(text: string): TrackingLocation {
  if (!URL.canParse(text)) throw new InvalidInputError(`"${text}" is no URL of a server`);
  const url = new URL(text);
  const { username, password } = url;
  url.username = "";
  url.password = "";
  url.hash = "";
  url.search = "";
  return {
    kind: "server",
    name: url.href.replace(/\/+$/, ""),
    authorization:
      username === ""
        ? undefined
        : basicAuthorization(decodeURIComponent(username), decodeURIComponent(password)),
  };
}

/** The header of HTTP's basic authentication (RFC 7617). */
export function basicAuthorization(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

function fileOf(text: string): string {
  // MLflow takes `file:runs` and `file:./runs` too, which are no URLs of files.
  return text.startsWith("file:/") ? fileURLToPath(text) : decodeURIComponent(text.slice("file:".length));
}
