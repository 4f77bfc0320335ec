/** @file Artifacts of any size through the server, in bounded memory. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryRoot } from "../support/repository.ts";

export interface ArtifactCheck {
  /** The most memory that the server held at any time, in bytes. */
  readonly peak: number;
  /** Bytes a second, up and down. */
  readonly up: number;
  readonly down: number;
}

const block = 1 << 20;

/**
 * Sends an artifact of `size` bytes to a server in a process of its own and reads it back: it is the same, and the server never
 * held more than `limit` bytes. With `TENON_TEST_BUCKET` the server keeps it in that bucket.
 */
export async function checkArtifact(size: number, limit: number): Promise<ArtifactCheck> {
  const folder = mkdtempSync(join(tmpdir(), "tenon-soak-artifact-"));
  const bucket = process.env["TENON_TEST_BUCKET"];
  const program = join(repositoryRoot, "test/ml/registry/serve-child.ts");
  const artifacts = bucket === undefined ? [] : ["", `${bucket}/soak`];
  const child = spawn(process.execPath, ["--import", "tsx", program, folder, ...artifacts], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [first] = (await once(child.stdout, "data")) as [Buffer];
    const url = `${first.toString().trim()}/api/2.0/mlflow-artifacts/artifacts/0/large.bin`;
    const sent = createHash("sha256");
    const beginUp = performance.now();
    const response = await fetch(url, { method: "PUT", body: blocks(size, sent), duplex: "half" });
    assert.equal(response.status, 200, await response.text());
    const beginDown = performance.now();
    const received = createHash("sha256");
    let length = 0;
    const { body } = await fetch(url);
    assert.ok(body);
    for await (const chunk of body) {
      received.update(chunk);
      length += chunk.length;
    }
    const end = performance.now();
    assert.equal(length, size);
    assert.equal(received.digest("hex"), sent.digest("hex"));
    const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
    const peak = Number(/^VmHWM:\s*(\d+) kB/m.exec(status)?.[1]) * 1024;
    assert.ok(
      peak <= limit,
      `the server held ${Math.round(peak / 2 ** 20)} MiB, more than ${limit / 2 ** 20}`,
    );
    return { peak, up: (size / (beginDown - beginUp)) * 1000, down: (size / (end - beginDown)) * 1000 };
  } finally {
    child.kill();
    await once(child, "exit");
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Blocks that differ from each other. */
async function* blocks(size: number, hash: ReturnType<typeof createHash>): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size; at += block) {
    const bytes = Buffer.alloc(Math.min(block, size - at), `block ${at} `);
    hash.update(bytes);
    yield bytes;
  }
}
