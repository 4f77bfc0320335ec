/** @file A folder of this machine as a store of runs, the same that `tenon server` serves; no server is needed. */
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import * as v from "valibot";
import { MlflowError } from "../registry/mlflow-error.ts";
import { folderStorage } from "../registry/artifacts/folder-storage.ts";
import { threadArguments } from "../thread-arguments.ts";
import { artifactPlace, chunksOf, localArtifacts } from "./artifact-place.ts";
import { TrackingError, TrackingUnavailableError } from "./errors.ts";
import { answerSchema, type StoreAnswer, type StoreCall } from "./store-protocol.ts";
import type { TrackingApi } from "./tracking-api.ts";
import type { TrackingLocation } from "./tracking-uri.ts";

const isSource = import.meta.url.endsWith(".ts");
const threadUrl = new URL(isSource ? "./store-thread-from-source.mjs" : "./store-thread.js", import.meta.url);

/** The API of the store in a folder. */
export function embeddedApi(location: TrackingLocation & { readonly kind: "folder" }): TrackingApi {
  const { folder } = location;
  const thread = new StoreThread(folder);
  const artifacts = folderStorage(join(folder, "artifacts"));
  return {
    location,
    ask: async (method, endpoint, input) => {
      const json = typeof input === "string" ? input : JSON.stringify(input);
      const { json: answer, failed } = await thread.ask({ method, endpoint, input: json });
      if (answer !== undefined) return JSON.parse(answer);
      const { code, message } = failed ?? { code: undefined, message: "it gives no answer" };
      if (code === undefined)
        throw new TrackingUnavailableError(`the store of runs can't be used: ${message}`);
      throw new TrackingError(`the store of runs refuses ${endpoint}: ${message}`, { code });
    },
    upload: async (artifactUri, path, content) => {
      const place = artifactPlace(artifactUri, path);
      if (place.kind === "local") return localArtifacts.upload(place.path, content);
      await refusing(artifacts.save(place.path, asyncChunks(content)));
    },
    list: async (artifactUri, path) => {
      const place = artifactPlace(artifactUri, path);
      if (place.kind === "local") return localArtifacts.list(place.path);
      const files = await refusing(artifacts.list(place.path));
      return files.map(({ path: name, is_dir, file_size }) => ({
        name,
        isDirectory: is_dir,
        size: file_size,
      }));
    },
    download: async (artifactUri, path) => {
      const place = artifactPlace(artifactUri, path);
      if (place.kind === "local") return localArtifacts.download(place.path);
      const { size, stream } = await refusing(artifacts.open(place.path));
      return { size, chunks: stream };
    },
    close: async () => thread.end(),
  };
}

async function* asyncChunks(content: Parameters<typeof chunksOf>[0]): AsyncGenerator<Uint8Array> {
  yield* chunksOf(content);
}

async function refusing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (cause instanceof MlflowError) throw new TrackingError(cause.message, { code: cause.code, cause });
    throw cause;
  }
}

/** The thread that holds the store; it keeps the process alive only while it is asked something. */
class StoreThread {
  readonly #folder: string;
  #worker: Worker | undefined;
  #calls = 0;
  readonly #waiting = new Map<number, { resolve(answer: StoreAnswer): void; reject(error: Error): void }>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async ask(asked: Omit<StoreCall, "call">): Promise<StoreAnswer> {
    const worker = (this.#worker ??= this.#start());
    const call = ++this.#calls;
    const answered = new Promise<StoreAnswer>((resolve, reject) =>
      this.#waiting.set(call, { resolve, reject }),
    );
    worker.ref();
    worker.postMessage({ call, ...asked } satisfies StoreCall);
    try {
      return await answered;
    } finally {
      this.#waiting.delete(call);
      if (this.#waiting.size === 0) worker.unref();
    }
  }

  async end(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(threadUrl, {
      name: "tenon store",
      workerData: this.#folder,
      ...threadArguments(),
    });
    worker.on("message", (message: unknown) => {
      const answer = v.parse(answerSchema, message);
      this.#waiting.get(answer.call)?.resolve(answer);
    });
    worker.once("error", (cause) => this.#lost(worker, cause));
    worker.once("exit", () => this.#lost(worker, undefined));
    return worker;
  }

  /** The next call starts another thread. */
  #lost(worker: Worker, cause: Error | undefined): void {
    if (this.#worker === worker) this.#worker = undefined;
    const message = `the thread of the store ended${cause ? `: ${cause.message}` : ""}`;
    for (const call of this.#waiting.values()) call.reject(new TrackingUnavailableError(message, { cause }));
  }
}
