/** @file The smallest program that serves: what an image of ours holds in the suite, and how it is started from a folder. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as v from "valibot";
import { toOnnx } from "../../../ml/graph/index.ts";
import { repositoryRoot } from "../../support/repository.ts";

const program = `import { lookup } from "node:dns/promises";
import { createServer } from "node:http";
import ort from "onnxruntime-node";
const session = await ort.InferenceSession.create("/models/flights/model.onnx");
const server = createServer(async (request, response) => {
  const x = new URL(request.url, "http://localhost").searchParams.get("x").split(",").map(Number);
  const { y } = await session.run({ x: new ort.Tensor("float32", x, [x.length]) });
  const { address } = await lookup("localhost", 4);
  response.end(JSON.stringify({ y: [...y.data], user: process.getuid(), greeting: process.env.GREETING, address }));
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
`;

const answerSchema = v.object({
  y: v.array(v.number()),
  user: v.number(),
  greeting: v.string(),
  address: v.string(),
});

/** Writes the program, with ONNX Runtime, which is native code, and its model: `y = 2 x + 1`. */
export async function writeServerApp(
  folder: string,
): Promise<{ readonly app: string; readonly model: string }> {
  const [app, model] = [join(folder, "app"), join(folder, "model")];
  await mkdir(model, { recursive: true });
  await writeFile(
    join(model, "model.onnx"),
    toOnnx(({ x }) => ({ y: x.mul(2).add(1) }), { x: { dtype: "float32", shape: ["rows"] } }),
  );
  const packages = join(repositoryRoot, "node_modules");
  await cp(join(packages, "onnxruntime-common"), join(app, "node_modules/onnxruntime-common"), {
    recursive: true,
  });
  const runtime = `onnxruntime-node/bin/napi-v6/linux/${process.arch}`;
  for (const part of ["onnxruntime-node/package.json", "onnxruntime-node/dist", runtime])
    await cp(join(packages, part), join(app, "node_modules", part), { recursive: true });
  await writeFile(join(app, "main.mjs"), program);
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
    const response = await fetch(`http://127.0.0.1:${String(port)}/?x=1,2.5,-3`, {
      signal: AbortSignal.timeout(20_000),
    });
    return v.parse(answerSchema, await response.json());
  } finally {
    server.kill("SIGKILL");
    await ended;
  }
}
