import { checkTables } from "./tables.ts";

describe("a table larger than memory (short form; `npm run soak -- tables` is the long one)", function () {
  this.timeout(120_000);

  it("of more than a gigabyte is aggregated within 500 MiB, Node and all", () =>
    checkTables(50, "128MB", 500 * 2 ** 20));
});
