/** @file What the client asks of a store, the same of a folder and of a server: MLflow's REST API and files of artifacts. */
import * as v from "valibot";
import { setTimeout } from "node:timers/promises";
import { TrackingError, TrackingUnavailableError } from "./errors.ts";
import type { TrackingLocation } from "./tracking-uri.ts";

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** The content of an artifact to upload. */
export type ArtifactContent = Uint8Array | { readonly file: string };

/** A file or folder among artifacts. */
export interface ArtifactInfo {
  /** Its name in the folder that was listed. */
  readonly name: string;
  readonly isDirectory: boolean;
  readonly size: number | undefined;
}

/** An artifact that is opened. */
export interface ArtifactDownload {
  /** In bytes, where the store tells it with them. */
  readonly size: number | undefined;
  /** Rejects with {@link TrackingUnavailableError} where the store breaks off, or is silent for too long. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** A store as the client asks it. All reject with {@link TrackingError}, or {@link TrackingUnavailableError} where a later try may work. */
export interface TrackingApi {
  readonly location: TrackingLocation;
  /** Calls MLflow's API below `/api/2.0/mlflow/`. A text is JSON already. Gives the answer's JSON. */
  ask(method: Method, endpoint: string, input: object | string): Promise<unknown>;
  /** Writes an artifact below a URI that the store gave. */
  upload(artifactUri: string, path: string, content: ArtifactContent): Promise<void>;
  /** The entries of a folder of artifacts; none where it isn't there. */
  list(artifactUri: string, path: string): Promise<readonly ArtifactInfo[]>;
  /** Opens an artifact. The signal breaks it off, with its reason. */
  download(artifactUri: string, path: string, signal?: AbortSignal): Promise<ArtifactDownload>;
  /** Lets the store go; calls that are under way are given up. */
  close(): Promise<void>;
}

const tries = 4;
const firstPause = 250;

/**
 * The parsed answer of a call that may be tried again: a question, or one whose second making changes nothing. Tries a few times
 * where the store doesn't answer.
 */
export async function askFor<const S extends v.GenericSchema>(
  api: TrackingApi,
  schema: S,
  method: Method,
  endpoint: string,
  input: object | string = {},
): Promise<v.InferOutput<S>> {
  const answer = await retried(() => api.ask(method, endpoint, input));
  return parseAnswer(schema, endpoint, answer);
}

/** The parsed answer of a call that makes something: tried again only where the server can't have got it. */
export async function askOnce<const S extends v.GenericSchema>(
  api: TrackingApi,
  schema: S,
  method: Method,
  endpoint: string,
  input: object | string = {},
): Promise<v.InferOutput<S>> {
  const answer = await retried(
    () => api.ask(method, endpoint, input),
    ({ neverSent }) => neverSent,
  );
  return parseAnswer(schema, endpoint, answer);
}

/** Tries again, after pauses that grow, what failed because the store didn't answer. */
export async function retried<T>(
  call: () => Promise<T>,
  may: (error: TrackingUnavailableError) => boolean = ({ denied }) => !denied,
): Promise<T> {
  for (let attempt = 1; ; attempt++)
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof TrackingUnavailableError) || attempt === tries || !may(error)) throw error;
      await setTimeout(firstPause * 2 ** (attempt - 1) * (0.75 + Math.random() / 2));
    }
}

function parseAnswer<const S extends v.GenericSchema>(
  schema: S,
  endpoint: string,
  answer: unknown,
): v.InferOutput<S> {
  const result = v.safeParse(schema, answer, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new TrackingError(
    `the store's answer to ${endpoint} isn't MLflow's: ${v.getDotPath(issue) ?? "it"}: ${issue.message}`,
  );
}

/** An error of MLflow's form. */
const refusalSchema = v.object({ error_code: v.string(), message: v.optional(v.string(), "") });

/** Codes of a store that is in trouble itself. */
const transient: ReadonlySet<string> = new Set([
  "INTERNAL_ERROR",
  "TEMPORARILY_UNAVAILABLE",
  "REQUEST_LIMIT_EXCEEDED",
  "RESOURCE_EXHAUSTED",
  "DEADLINE_EXCEEDED",
  "ABORTED",
  "UNAUTHENTICATED",
  "PERMISSION_DENIED",
]);

/** The error of an answer that isn't success: final where the store refused the call, else one to try again. */
export function refusalOf(where: string, endpoint: string, status: number, text: string): TrackingError {
  const { error_code: code, message } = parseRefusal(text) ?? { error_code: undefined, message: "" };
  const said = `${where} answers ${endpoint} with ${code ?? status}${message === "" ? "" : `: ${message}`}`;
  if (status === 401 || status === 403) {
    // Of who is known the store says itself what they lack.
    const isKnown = status === 403 && message !== "";
    const hint = isKnown
      ? ""
      : ": check MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD";
    return new TrackingUnavailableError(`${said}${hint}`, { code, denied: true });
  }
  if (code === undefined || transient.has(code) || status === 429 || status >= 502)
    return new TrackingUnavailableError(said, { code });
  return new TrackingError(said, { code });
}

function parseRefusal(text: string): v.InferOutput<typeof refusalSchema> | undefined {
  try {
    return v.parse(refusalSchema, JSON.parse(text));
  } catch {
    return undefined;
  }
}
