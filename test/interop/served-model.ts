/** @file Models that a peer serves: the server for the time of a check, our generated clients, and answers compared. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import * as v from "valibot";
import { clientSource, type ModelSignature, type OutputRow } from "../../ml/package/index.ts";

/** A row of outputs side by side, as a data frame has them. */
export const flatRow = v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]));

/** Outputs side by side. */
export function flat(row: OutputRow): v.InferOutput<typeof flatRow> {
  return Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) =>
      typeof value === "object"
        ? Object.entries(value).map(([column, each]) => [`${name}_${column}`, each] as const)
        : [[name, value] as const],
    ),
  );
}

/** The outputs as a data frame has them, side by side: numbers within 1e-5, relative to those beyond 1. */
export function assertSame(
  found: readonly v.InferOutput<typeof flatRow>[],
  expected: readonly OutputRow[],
): void {
  assert.equal(found.length, expected.length);
  for (const [row, outputs] of expected.entries()) {
    for (const [name, value] of Object.entries(outputs)) {
      const parts = typeof value === "object" ? Object.entries(value) : [["", value] as const];
      for (const [column, each] of parts) {
        const flat = column === "" ? name : `${name}_${column}`;
        const theirs = found[row]?.[flat];
        if (typeof each !== "number") assert.equal(theirs, each, `${flat} of row ${row}`);
        else {
          const difference = Math.abs(Number(theirs) - each) / Math.max(1, Math.abs(each));
          assert.ok(difference <= 1e-5, `${flat} of row ${row} is ${String(theirs)}, not ${each}`);
        }
      }
    }
  }
}

/** What a generated client is to a program. */
interface Client {
  predict(rows: readonly object[]): Promise<readonly OutputRow[]>;
}

/** The generated client of a signature. */
export async function clientOf(signature: ModelSignature, folder: string, options: object): Promise<Client> {
  const path = join(folder, `client-${randomUUID()}.ts`);
  writeFileSync(path, clientSource(signature));
  // SAFETY: this is what the text declares.
  const { ModelClient } = (await import(pathToFileURL(path).href)) as {
    readonly ModelClient: new (options: object) => Client;
  };
  return new ModelClient(options);
}

/** A server's program. */
interface ServerProgram {
  readonly command: readonly [program: string, ...args: string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** Runs a server until the check is done, which begins when the server says that it is ready. */
export async function whileServed(
  { command: [program, ...args], env, cwd }: ServerProgram,
  ready: string,
  check: () => Promise<void>,
): Promise<void> {
  // A group of its own: a command may start the server as its child.
  const server = spawn(program, args, {
    env: { ...process.env, ...env },
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let log = "";
  for (const stream of [server.stdout, server.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (log += text));
  try {
    if (!(await isReady(ready, () => server.exitCode !== null)))
      throw new Error(`the server did not start:\n${log.split("\n").slice(-20).join("\n")}`);
    await check();
  } finally {
    if (server.pid !== undefined && server.exitCode === null) {
      process.kill(-server.pid, "SIGKILL");
      await once(server, "close");
    }
  }
}

async function isReady(url: string, hasEnded: () => boolean): Promise<boolean> {
  for (const start = performance.now(); performance.now() - start < 90_000 && !hasEnded();) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok === true) return true;
    await setTimeout(250);
  }
  return false;
}

/** A port of the loopback interface that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  // SAFETY: it listens on a port.
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
