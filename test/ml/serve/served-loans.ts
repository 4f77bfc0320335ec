/** @file Packages of loans' pipelines in a folder, for tests of the service. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeModel } from "../../../ml/package/index.ts";
import { startServing, type RunningService, type ServingOptions } from "../../../ml/serve/index.ts";
import { amountPipeline, latePipeline, statusPipeline, withLoans } from "../package/loan-models.ts";

/** A folder with the packages `status`, `late` and `amount`. */
export async function loanPackages(): Promise<{ readonly folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "tenon-serve-"));
  await withLoans(async (rows) => {
    await writeModel(join(folder, "status"), await statusPipeline(rows), { rows });
    await writeModel(join(folder, "late"), await latePipeline(rows), { rows });
    await writeModel(join(folder, "amount"), await amountPipeline(rows), { rows });
  });
  return { folder, remove: async () => await rm(folder, { recursive: true, force: true }) };
}

/** Serves on a free port. */
export async function serveModels(
  models: ServingOptions["models"],
  options: Partial<ServingOptions> = {},
): Promise<RunningService> {
  return await startServing({ port: 0, models, ...options });
}

/** An answer, with its JSON where it has one. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly json: unknown;
  readonly headers: Headers;
}

/** Asks for a path. */
export async function ask({ url }: RunningService, path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url + path, init);
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") ?? false;
  return {
    status: response.status,
    text,
    json: isJson ? JSON.parse(text) : undefined,
    headers: response.headers,
  };
}

/** Posts JSON. */
export async function post(
  service: RunningService,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return await ask(service, path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}
