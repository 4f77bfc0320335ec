/**
 * @file The thread that holds an embedded store: SQLite is synchronous, and another process may hold its lock for long, which
 * must never stop the thread that trains.
 *
 * What it has answered survives the machine's stop: each commit is flushed to the disk.
 */
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import * as v from "valibot";
import { MlflowError } from "../registry/mlflow-error.ts";
import { apiRoutes } from "../registry/server/api-routes.ts";
import { localIdentity } from "../registry/access/identity.ts";
import { answerText, Router } from "../registry/server/router.ts";
import { openStore, type Store } from "../registry/store/store.ts";
import { callSchema, type StoreAnswer, type StoreCall } from "./store-protocol.ts";

const folder = v.parse(v.string(), workerData);
const router = new Router(apiRoutes);
let opened: Store | undefined;

/** Opened by the first call that can: a folder may become writable, a disk may get room. */
async function store(): Promise<Store> {
  if (opened) return opened;
  opened = await openStore(folder);
  await opened.database.script("PRAGMA synchronous = FULL");
  return opened;
}

async function answer({ call, method, endpoint, input }: StoreCall): Promise<StoreAnswer> {
  try {
    const match = router.match(method, endpoint);
    if (match === undefined || match === "wrong method")
      throw new MlflowError("ENDPOINT_NOT_FOUND", `there is no ${method} ${endpoint}`);
    const parsed: unknown = JSON.parse(input);
    const query = new URLSearchParams();
    const answered = await match.route.handle({
      store: await store(),
      input: parsed,
      query,
      path: match.path,
      identity: localIdentity(),
    });
    return { call, json: await answerText(answered) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof MlflowError) return { call, failed: { code: error.code, message } };
    return { call, failed: { message: `${join(folder, "tenon.db")}: ${message}` } };
  }
}

// One after another, in the order of the calls.
let last: Promise<void> = Promise.resolve();
parentPort?.on("message", (message: unknown) => {
  last = last.then(async () => parentPort?.postMessage(await answer(v.parse(callSchema, message))));
});
