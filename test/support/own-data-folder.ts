/**
 * @file Mocha loads this before the tests (`.mocharc.json`): what tests and the programs that they start keep for the user (the
 * history of kernels, journals of runs) goes into a folder of its own, which is removed when mocha ends.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "tenon-test-home-"));
process.env["XDG_DATA_HOME"] = join(folder, "data");
process.env["XDG_STATE_HOME"] = join(folder, "state");
process.on("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
