/** @file The suites of `test/extension/host/`, run inside VS Code's extension host; their failures are shown here. */
import assert from "node:assert/strict";
import { requireChromium } from "../../support/chromium.ts";
import { desktopVscode } from "../support/desktop-vscode.ts";
import { runInExtensionHost } from "../support/extension-host.ts";

describe("in VS Code's extension host", function () {
  this.timeout(600_000);

  before(function () {
    if (desktopVscode() === undefined) requireChromium(this);
  });

  it("passes the suites of test/extension/host", async () => {
    const { code, results } = await runInExtensionHost();
    for (const { title, state } of results) console.log(`        ${state}: ${title}`);
    const failures = results.flatMap(({ title, message }) =>
      message === undefined ? [] : [`${title}\n${message}`],
    );
    assert.deepEqual(failures, [], failures.join("\n\n"));
    assert.ok(results.length > 0, "no test ran");
    assert.equal(code, 0);
  });
});
