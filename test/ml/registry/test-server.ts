/** @file A server over a folder of its own, and a Postgres database where the tests are given a server; and calls to it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { makeDatabase, type TestDatabase, testPostgres } from "../../support/postgres-database.ts";
import { type RunningServer, startServer } from "../../../ml/registry/index.ts";

/** The bucket that the tests keep artifacts in instead of a folder, where there is one: `s3://NAME`. */
export const testBucket = process.env["TENON_TEST_BUCKET"];

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export class TestServer {
  readonly folder = mkdtempSync(join(tmpdir(), "tenon-server-"));
  readonly errors: unknown[] = [];
  #database: TestDatabase | undefined;
  #server: RunningServer | undefined;

  get url(): string {
    if (!this.#server) throw new Error("the server is not started");
    return this.#server.url;
  }

  /** The database's URL, where it is no file of the folder. */
  get database(): string | undefined {
    return this.#database?.url;
  }

  get store(): RunningServer["store"] {
    if (!this.#server) throw new Error("the server is not started");
    return this.#server.store;
  }

  async start(): Promise<void> {
    const onError = (error: unknown): void => void this.errors.push(error);
    if (testPostgres !== undefined) this.#database ??= await makeDatabase(testPostgres);
    const database = this.#database && { database: this.#database.url };
    // A place of its own in the bucket.
    const artifacts = testBucket !== undefined && { artifacts: `${testBucket}/${basename(this.folder)}` };
    this.#server = await startServer({ folder: this.folder, port: 0, onError, ...database, ...artifacts });
  }

  async stop(): Promise<void> {
    await this.#server?.close();
    this.#server = undefined;
  }

  async remove(): Promise<void> {
    await this.stop();
    await this.#database?.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A call of the API; `body` is sent as JSON. */
  async ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${this.url}/api/2.0/mlflow/${path}`, {
      method,
      ...(body !== undefined && {
        body: typeof body === "string" ? body : JSON.stringify(body),
        headers: { "content-type": "application/json" },
      }),
    });
    return { status: response.status, body: await response.json() };
  }

  /** The answer of a call that must work. */
  async get(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.ask(method, path, body);
    if (answer.status !== 200) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** A new run of the default experiment. */
  async newRun(): Promise<string> {
    const made = await this.get("POST", "runs/create", { experiment_id: "0", start_time: 1 });
    return String(at(made, "run", "info", "run_id"));
  }
}

/** What stands at a path of fields. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let found = value;
  for (const part of path) found = (Object(found) as Readonly<Record<string | number, unknown>>)[part];
  return found;
}
