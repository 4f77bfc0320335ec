import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { disconnect } from "../../ml/track/connection.ts";
import { run } from "../../ml/track/index.ts";
import { CliFolder } from "./cli-fixture.ts";

describe("tenon runs export", function () {
  this.timeout(60_000);
  let folder: CliFolder;
  let id: string;
  before(async () => {
    folder = await CliFolder.create();
    const trackingUri = join(folder.path, "mlruns.tenon");
    id = await run({ trackingUri, runName: "first" }, (logged) => {
      logged.logMetric("loss", 0.5, { step: 1 });
      return logged.info.runId;
    });
    await disconnect(trackingUri);
  });
  after(() => folder.remove());

  it("writes a run in each format, and prints where", async () => {
    const formats = [
      ["tensorboard", RegExp(`^out/${id}/events\\.out\\.tfevents\\.\\d{10}\\.tenon\\.0\\.0$`)],
      ["wandb", RegExp(`^out/offline-run-\\d{8}_\\d{6}-${id}$`)],
      ["json", RegExp(`^out/${id}\\.json$`)],
    ] as const;
    for (const [format, expected] of formats) {
      const { code, stdout, stderr } = await folder.run([
        "runs",
        "export",
        id,
        "--format",
        format,
        "-o",
        "out",
      ]);
      assert.equal(code, 0, stderr);
      assert.match(stdout.trim(), expected);
      assert.ok(existsSync(join(folder.path, stdout.trim())));
    }
    const json: unknown = JSON.parse(readFileSync(join(folder.path, "out", `${id}.json`), "utf8"));
    assert.equal(Object(json).metrics.loss[0][2], 0.5);
  });

  it("says in one line what can't be", async () => {
    for (const [args, reason] of [
      [["0".repeat(32), "--format", "json", "-o", "out"], /0000/],
      [[id, "--format", "json", "-o", "out", "--tracking-uri", "elsewhere"], /no store of runs/],
      [[id, "--format", "xml", "-o", "out"], /xml/],
      [[id, "-o", "out"], /--format/],
    ] as const) {
      const { code, stdout, stderr } = await folder.run(["runs", "export", ...args]);
      assert.notEqual(code, 0);
      assert.equal(stdout, "");
      assert.match(stderr, reason);
    }
  });
});
