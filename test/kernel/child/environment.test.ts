/** @file The environment that cells run in. */
import assert from "node:assert/strict";
import { childEnvironment } from "../../../kernel/supervisor/node-arguments.ts";

describe("the child's environment", () => {
  it("asks glibc for huge pages, beside what is asked of it already", () => {
    assert.equal(childEnvironment({})["GLIBC_TUNABLES"], "glibc.malloc.hugetlb=1");
    assert.equal(
      childEnvironment({ GLIBC_TUNABLES: "glibc.malloc.arena_max=2" })["GLIBC_TUNABLES"],
      "glibc.malloc.arena_max=2:glibc.malloc.hugetlb=1",
    );
    assert.equal(
      childEnvironment({ GLIBC_TUNABLES: "glibc.malloc.hugetlb=0" })["GLIBC_TUNABLES"],
      "glibc.malloc.hugetlb=0",
    );
  });

  it("has colours and no telemetry, unless told otherwise", () => {
    const found = childEnvironment({});
    assert.deepEqual([found["FORCE_COLOR"], found["ORT_DISABLE_TELEMETRY"]], ["1", "1"]);
    const told = childEnvironment({ NO_COLOR: "1", ORT_DISABLE_TELEMETRY: "0" });
    assert.deepEqual([told["FORCE_COLOR"], told["ORT_DISABLE_TELEMETRY"]], [undefined, "0"]);
  });
});
