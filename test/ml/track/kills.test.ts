import assert from "node:assert/strict";
import { killClients, killServers } from "./kills.ts";

describe("Logging that is killed (short form; `npm run soak -- tracking` is the long one)", function () {
  this.timeout(120_000);

  it("loses nothing acknowledged and doubles nothing in a folder", async () => {
    assert.ok((await killClients("folder", 1, 7)).arrived > 0);
  });

  it("loses nothing acknowledged and doubles nothing on a server", async () => {
    assert.ok((await killClients("server", 1, 3)).arrived > 0);
  });

  it("loses nothing at all when the server is killed", async () => {
    const { arrived, acknowledged } = await killServers(2, 5);
    assert.ok(arrived >= acknowledged && arrived > 0);
  });
});
