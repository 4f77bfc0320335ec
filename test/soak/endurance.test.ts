import { assertNoGrowth, checkFuzz, checkKillChild, checkKillParent, checkSoak } from "./endurance.ts";

describe("the kernel under stress (short form; `npm run soak` is the long one)", function () {
  this.timeout(120_000);

  it("answers after 500 malformed, wrongly signed and mutated messages", () => checkFuzz(500, 1));

  it("runs 400 cells of every kind without more open files or threads", async () => {
    // So few cells say nothing about memory.
    assertNoGrowth(await checkSoak(400, 8), Number.POSITIVE_INFINITY);
  });

  it("answers after its child was killed 5 times", () => checkKillChild(5, 1));

  it("leaves no process behind when its parent is killed", checkKillParent);
});
