import { checkArtifact } from "./artifacts.ts";

describe("a large artifact through the server (short form; `npm run soak -- artifacts` is the long one)", function () {
  this.timeout(120_000);
  before(function () {
    // The peak of memory is read from /proc.
    if (process.platform !== "linux") this.skip();
  });

  it("of 200 MB, in memory that does not grow with it", async () => {
    await checkArtifact(200_000_000, 250 * 2 ** 20);
  });
});
