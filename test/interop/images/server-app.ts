/** @file The smallest program that serves: what an image of ours holds in the suite, and how it is started from a folder. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as v from "valibot";

const program = `import { lookup } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
const server = createServer(async (request, response) => {
  const { address } = await lookup("localhost", 4);
  const weights = readFileSync("/models/flights/model.onnx", "utf8");
  response.end(JSON.stringify({ weights, user: process.getuid(), greeting: process.env.GREETING, address }));
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
`;

const answerSchema = v.object({
  weights: v.string(),
  user: v.number(),
  greeting: v.string(),
  address: v.string(),
});

/** Writes the program and its model. */
export async function writeServerApp(
  folder: string,
): Promise<{ readonly app: string; readonly model: string }> {
  const [app, model] = [join(folder, "app"), join(folder, "model")];
  await mkdir(app, { recursive: true });
  await mkdir(model, { recursive: true });
  await writeFile(join(app, "main.mjs"), program);
  await writeFile(join(model, "model.onnx"), "weights");
  return { app, model };
}

/** Starts a command with a folder as the root of the file system, and returns what the server there answers. */
export async function askServer(
  root: string,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<v.InferOutput<typeof answerSchema>> {
  const isRoot = process.getuid?.() === 0;
  const [enter, ...args] = isRoot
    ? ["chroot", "--userspec=65532:65532"]
    : ["unshare", "--map-root-user", "chroot"];
  assert.ok(enter !== undefined);
  const path = process.env["PATH"] ?? "";
  // "chroot" itself is looked for in this machine's PATH.
  const server = spawn(enter, [...args, root, ...command], {
    env: { PATH: path, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(server, "close");
  try {
    const lines = createInterface({ input: server.stdout });
    const [port] = await Promise.race([once(lines, "line"), ended.then(() => ["nothing: it ended"])]);
    const response = await fetch(`http://127.0.0.1:${String(port)}/`, {
      signal: AbortSignal.timeout(20_000),
    });
    return v.parse(answerSchema, await response.json());
  } finally {
    server.kill("SIGKILL");
    await ended;
  }
}
