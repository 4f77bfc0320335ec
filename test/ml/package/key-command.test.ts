/** @file A key that a command prints: run without a shell, limited, and never repeated. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EncryptionError, encryptionKeyFromCommand } from "../../../ml/package/encryption/index.ts";

const hex = "ab".repeat(32);
const node = process.execPath;

describe("A key that a command prints", () => {
  const refuses = (promise: Promise<unknown>, message: RegExp): Promise<void> =>
    assert.rejects(promise, (error: unknown) => {
      assert.ok(error instanceof EncryptionError, String(error));
      assert.match(error.message, message);
      assert.doesNotMatch(`${error.message} ${String(error.cause)} ${String(error.stack)}`, /hunter2|abab/);
      return true;
    });
  const prints = (code: string): readonly string[] => [node, "-e", code];

  it("is taken in Base64, in hexadecimal and as it is", async () => {
    for (const output of [
      `"${hex}"`,
      `"${hex}\\n"`,
      `Buffer.from("${hex}", "hex").toString("base64")`,
      `Buffer.from("${hex}", "hex")`,
    ]) {
      const key = await encryptionKeyFromCommand(prints(`process.stdout.write(${output})`));
      assert.equal(key.export().toString("hex"), hex);
    }
  });

  it("a line is split as it would be typed, and no shell sees it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "tenon-key-"));
    try {
      const marker = join(folder, "made");
      const script = `process.stdout.write(process.argv.slice(1).join("|") === 'a b|c"d|e\\\\f|$(touch|${marker})|;|>x' ? "${hex}" : "no")`;
      const line = `'${node}' -e '${script.replaceAll("'", String.raw`'\''`)}' "a b" 'c"d' "e\\\\f" $(touch ${marker}) \\; '>x'`;
      assert.equal((await encryptionKeyFromCommand(line)).symmetricKeySize, 32);
      assert.equal(existsSync(marker), false);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("one that fails, prints something else or too much, or takes too long is refused", async () => {
    await refuses(encryptionKeyFromCommand(""), /is empty/);
    await refuses(encryptionKeyFromCommand("echo 'hunter2"), /a quote that doesn't end/);
    await refuses(encryptionKeyFromCommand(["/nonexistent/kms", "hunter2"]), /isn't there/);
    await refuses(
      encryptionKeyFromCommand(prints('console.log("hunter2"); console.error("hunter2"); process.exit(3)')),
      /ended with code 3: run it yourself/,
    );
    await refuses(encryptionKeyFromCommand(prints('process.stdout.write("hunter2")')), /printed no key/);
    await refuses(
      encryptionKeyFromCommand(prints("for (;;) process.stdout.write('hunter2'.repeat(1e4))")),
      /more than a key/,
    );
    const started = performance.now();
    await refuses(
      encryptionKeyFromCommand(prints(`process.stdout.write("${hex}"); setInterval(() => {}, 1e6)`), {
        timeout: 500,
      }),
      /no key within 0\.5 s/,
    );
    assert.ok(performance.now() - started < 20_000);
    const stop = new AbortController();
    const waiting = encryptionKeyFromCommand(prints("setInterval(() => {}, 1e6)"), { signal: stop.signal });
    setTimeout(() => stop.abort(new Error("stopped")), 50);
    await assert.rejects(waiting, /stopped/);
  });
});
