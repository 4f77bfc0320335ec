/** @file Which registered models came of which snapshot: asked of a registry by MLflow's REST API, which is only read. */
import * as v from "valibot";
import { lineageFileSchema } from "../package/evidence.ts";
import { DataVersionError } from "./errors.ts";
import { digestOfReference } from "./lineage.ts";
import type { StoreOptions } from "./store.ts";
import type { Snapshot } from "./taken-snapshot.ts";

/** A version of a registered model whose package's lineage names a snapshot. */
export interface RegisteredModelOfData {
  readonly name: string;
  readonly version: string;
  /** The name that the lineage gives the data. */
  readonly dataName: string;
  /** The run that made the model, where the lineage or the registry says it. */
  readonly run: string | undefined;
}

/** Where a registry is, and who asks. */
export interface RegistryAccess extends StoreOptions {
  /** Sent as `Authorization: Bearer`; that of `MLFLOW_TRACKING_TOKEN`, or name and password of MLflow's other variables, if not given. */
  readonly token?: string;
}

/** How many packages are asked for at once. */
const atOnce = 8;
const largestLineage = 1 << 20;

const versionsSchema = v.object({
  model_versions: v.optional(
    v.array(v.object({ name: v.string(), version: v.string(), run_id: v.optional(v.string()) })),
    [],
  ),
  next_page_token: v.optional(v.string()),
});
const locationSchema = v.object({ artifact_uri: v.string() });
type Version = v.InferOutput<typeof versionsSchema>["model_versions"][number];

/**
 * The versions of registered models that were made of a snapshot, by its digest in the lineage of their packages, in the registry's
 * order. Versions whose files the registry's server doesn't keep, or that Tenon didn't write, are passed over.
 * @param reference as of `modelsOf`
 * @param trackingUri of `tenon server` or an MLflow server, such as `http://127.0.0.1:5000`
 * @throws {@link DataVersionError} where there is no such snapshot, or the registry can't be asked
 */
export async function registeredModelsOf(
  reference: string | Snapshot,
  trackingUri: string,
  options: RegistryAccess = {},
): Promise<readonly RegisteredModelOfData[]> {
  const digest = await digestOfReference(reference, options);
  const registry = new Registry(trackingUri, options);
  const found: RegisteredModelOfData[] = [];
  let token = "";
  do {
    const page = await registry.json(
      `/api/2.0/mlflow/model-versions/search?max_results=1000&page_token=${encodeURIComponent(token)}`,
      versionsSchema,
    );
    for (let first = 0; first < page.model_versions.length; first += atOnce) {
      const some = page.model_versions.slice(first, first + atOnce);
      const made = await Promise.all(some.map((version) => madeOf(registry, digest, version)));
      found.push(...made.filter((each) => each !== undefined));
    }
    token = page.next_page_token ?? "";
  } while (token !== "");
  return found;
}

async function madeOf(
  registry: Registry,
  digest: string,
  { name, version, run_id }: Version,
): Promise<RegisteredModelOfData | undefined> {
  const query = new URLSearchParams({ name, version }).toString();
  const { artifact_uri: location } = await registry.json(
    `/api/2.0/mlflow/model-versions/get-download-uri?${query}`,
    locationSchema,
  );
  const path = /^mlflow-artifacts:(?:\/\/[^/]*)?\/*(.+)$/.exec(location)?.[1];
  if (path === undefined) return undefined;
  const text = await registry.file(`${path}/tenon/lineage.json`);
  const read = text === undefined ? undefined : v.safeParse(lineageFileSchema, parsed(text));
  if (read?.success !== true) return undefined;
  const { data = [], run } = read.output.lineage;
  const made = data.find((each) => each.digest === digest);
  return made && { name, version, dataName: made.name, run: run ?? (run_id || undefined) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A registry that is asked. */
class Registry {
  readonly #uri: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #signal: AbortSignal | undefined;

  constructor(uri: string, { token, signal }: RegistryAccess) {
    if (!/^https?:\/\//.test(uri) || !URL.canParse(uri))
      throw new DataVersionError(uri, "it is no address of a registry: http://… or https://…");
    this.#uri = uri.replace(/\/+$/, "");
    this.#headers = credentials(token);
    this.#signal = signal;
  }

  /** The parsed answer of a call that must work. */
  async json<const Schema extends v.GenericSchema>(
    path: string,
    schema: Schema,
  ): Promise<v.InferOutput<Schema>> {
    const response = await this.#get(path);
    if (!response.ok)
      throw new DataVersionError(
        this.#uri,
        `the registry answers ${response.status} to ${path.split("?")[0]}`,
      );
    const read = v.safeParse(schema, parsed(await response.text()));
    if (read.success) return read.output;
    throw new DataVersionError(this.#uri, `the registry's answer isn't MLflow's: ${read.issues[0].message}`);
  }

  /** A file that the server keeps; undefined where it keeps none of this name, or a large one. */
  async file(path: string): Promise<string | undefined> {
    const encoded = path.split("/").map(encodeURIComponent).join("/");
    const response = await this.#get(`/api/2.0/mlflow-artifacts/artifacts/${encoded}`);
    if (response.ok && Number(response.headers.get("content-length") ?? 0) <= largestLineage)
      return await response.text();
    await response.body?.cancel();
    // MLflow answers 500 where some of its storages have no such file.
    if (response.ok || response.status === 404 || response.status === 400 || response.status === 500)
      return undefined;
    throw new DataVersionError(
      this.#uri,
      `the registry answers ${response.status} where files are asked for`,
    );
  }

  async #get(path: string): Promise<Response> {
    try {
      return await fetch(`${this.#uri}${path}`, {
        headers: this.#headers,
        redirect: "error",
        ...(this.#signal && { signal: this.#signal }),
      });
    } catch (cause) {
      this.#signal?.throwIfAborted();
      throw new DataVersionError(this.#uri, "the registry can't be reached", { cause });
    }
  }
}

function credentials(token: string | undefined): Readonly<Record<string, string>> {
  const {
    MLFLOW_TRACKING_TOKEN: bearer = "",
    MLFLOW_TRACKING_USERNAME: user = "",
    MLFLOW_TRACKING_PASSWORD: password = "",
  } = process.env;
  if ((token ?? bearer) !== "") return { authorization: `Bearer ${token ?? bearer}` };
  if (user === "") return {};
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
}
