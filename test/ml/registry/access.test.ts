import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  addToken,
  addUser,
  listUsers,
  OpenServerError,
  openStore,
  removeToken,
  removeUser,
  type RunningServer,
  setPassword,
  setRole,
  startServer,
} from "../../../ml/registry/index.ts";
import { RateLimit } from "../../../ml/registry/access/rate-limit.ts";
import { at } from "./test-server.ts";

const password = "correct horse battery";
const basic = (name: string, secret: string): string =>
  `Basic ${Buffer.from(`${name}:${secret}`).toString("base64")}`;

describe("Access to the server", () => {
  let folder = "";
  let server: RunningServer;
  let token = "";

  const ask = async (
    method: string,
    path: string,
    authorization?: string,
    body?: unknown,
  ): Promise<{ status: number; body: unknown; headers: Headers }> => {
    const response = await fetch(`${server.url}/${path}`, {
      method,
      headers: {
        ...(authorization !== undefined && { authorization }),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    let parsed: unknown = text;
    if (response.headers.get("content-type") === "application/json") parsed = JSON.parse(text);
    return { status: response.status, body: parsed, headers: response.headers };
  };
  const api = "api/2.0/mlflow";
  const read = `${api}/experiments/get?experiment_id=0`;
  const create = { experiment_id: "0", start_time: 1 };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "tenon-access-"));
    const store = await openStore(folder);
    await addUser(store, "rita", "reader", password);
    await addUser(store, "wade", "writer", undefined);
    await addUser(store, "ada", "admin", password);
    token = await addToken(store, "wade", "laptop", undefined);
    await store.close();
    server = await startServer({ folder, port: 0 });
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("nobody gets in without a name and a password, or a token", async () => {
    const { status, body, headers } = await ask("GET", read);
    assert.equal(status, 401);
    assert.equal(at(body, "error_code"), "UNAUTHENTICATED");
    assert.match(headers.get("www-authenticate") ?? "", /^Basic realm=/);
    for (const wrong of [
      basic("rita", "wrong horse battery"),
      basic("nobody", password),
      basic("wade", ""),
      basic("rita", `${password} `),
      "Basic !!!",
      "Bearer x",
      `Bearer ${token}x`,
      `Bearer ${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`,
      "Digest a=b",
      "",
    ])
      assert.equal((await ask("GET", read, wrong)).status, 401, wrong);
    assert.equal((await ask("GET", "health")).status, 200);
    assert.equal((await ask("GET", "metrics")).status, 401);
  });

  it("each role may do what it is for", async () => {
    const rita = basic("rita", password);
    assert.equal((await ask("GET", read, rita)).status, 200);
    const search = { experiment_ids: ["0"] };
    assert.equal((await ask("POST", `${api}/runs/search`, rita, search)).status, 200);
    const refused = await ask("POST", `${api}/runs/create`, rita, create);
    assert.equal(refused.status, 403);
    assert.equal(at(refused.body, "error_code"), "PERMISSION_DENIED");
    assert.match(String(at(refused.body, "message")), /rita has the role reader, this needs writer/);
    const file = "api/2.0/mlflow-artifacts/artifacts/0/x.txt";
    assert.equal((await ask("PUT", file, rita, {})).status, 403);
    assert.equal((await ask("PUT", file, `Bearer ${token}`, {})).status, 200);
    assert.equal((await ask("GET", file, rita)).status, 200);
    assert.equal((await ask("DELETE", file, rita)).status, 403);
    assert.equal((await ask("POST", `${api}/runs/create`, `bearer ${token}`, create)).status, 200);
    // Some clients send a token as a password.
    assert.equal((await ask("POST", `${api}/runs/create`, basic("token", token), create)).status, 200);
    await ask("POST", `${api}/registered-models/create`, `Bearer ${token}`, { name: "m" });
    const remove = `${api}/registered-models/delete`;
    assert.equal((await ask("DELETE", remove, `Bearer ${token}`, { name: "m" })).status, 403);
    assert.equal((await ask("DELETE", remove, basic("ada", password), { name: "m" })).status, 200);
  });

  it("a user who is removed, a token that is, another role or password count at once", async () => {
    const { store } = server;
    await addUser(store, "tom", "reader", password);
    const tom = basic("tom", password);
    assert.equal((await ask("GET", read, tom)).status, 200);
    await setRole(store, "tom", "writer");
    assert.equal((await ask("POST", `${api}/runs/create`, tom, create)).status, 200);
    await setPassword(store, "tom", "another password");
    assert.equal((await ask("GET", read, tom)).status, 401);
    const one = await addToken(store, "tom", "", undefined);
    const ended = await addToken(store, "tom", "", Date.now() - 1);
    assert.equal((await ask("GET", read, `Bearer ${one}`)).status, 200);
    assert.equal((await ask("GET", read, `Bearer ${ended}`)).status, 401);
    await removeToken(store, one.split("_")[1] ?? "");
    assert.equal((await ask("GET", read, `Bearer ${one}`)).status, 401);
    await removeUser(store, "tom");
    assert.equal((await ask("GET", read, basic("tom", "another password"))).status, 401);
  });

  it("passwords and tokens are kept as hashes", async () => {
    const rows = [
      ...(await server.store.database.rows("SELECT * FROM users")),
      ...(await server.store.database.rows("SELECT * FROM user_tokens")),
    ];
    const text = JSON.stringify(rows);
    assert.equal(text.includes(password) || text.includes(token.slice(-43)), false);
    assert.equal(
      rows.filter((row) => row.some((cell) => String(cell).startsWith("scrypt$"))).length >= 3,
      true,
    );
    const [ada] = await listUsers(server.store);
    assert.equal(ada?.name, "ada");
    assert.equal(ada.hasPassword, true);
  });

  it("after ten wrong passwords a name is refused unseen from there, others are not", async () => {
    await addUser(server.store, "eve", "reader", password);
    assert.equal((await ask("GET", read, basic("eve", password))).status, 200);
    // At once, so that no time gives a try back.
    const tries = await Promise.all(
      Array.from({ length: 14 }, (_, number) => ask("GET", read, basic("eve", `wrong password ${number}`))),
    );
    const refused = tries.filter(({ status }) => status === 429);
    assert.ok(refused.length >= 1 && tries.filter(({ status }) => status === 401).length >= 10);
    const [{ headers, body } = assert.fail()] = refused;
    assert.equal(at(body, "error_code"), "REQUEST_LIMIT_EXCEEDED");
    assert.ok(Number(headers.get("retry-after")) >= 1);
    // Whoever was in stays in.
    assert.equal((await ask("GET", read, basic("eve", password))).status, 200);
    assert.equal((await ask("GET", read, basic("rita", password))).status, 200);
  });

  it("many first requests at once with the right password are one login", async () => {
    await addUser(server.store, "max", "reader", password);
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => ask("GET", read, basic("max", password))),
    );
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  });

  it("bad names, passwords and roles of users", async () => {
    const { store } = server;
    for (const name of ["", "a:b", "a b", "x".repeat(129), "a\n"])
      await assert.rejects(addUser(store, name, "reader", password), { code: "INVALID_PARAMETER_VALUE" });
    await assert.rejects(addUser(store, "new", "reader", "short"), /12 to 1024 characters/);
    await assert.rejects(addUser(store, "rita", "reader", password), { code: "RESOURCE_ALREADY_EXISTS" });
    for (const missing of [
      removeUser(store, "none"),
      setRole(store, "none", "admin"),
      addToken(store, "none", "", 1),
    ])
      await assert.rejects(missing, { code: "RESOURCE_DOES_NOT_EXIST" });
  });
});

describe("A server that others can connect to", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tenon-open-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("does not start without users, and says what to do", async () => {
    await assert.rejects(startServer({ folder, port: 0, host: "0.0.0.0" }), (error) => {
      assert.ok(error instanceof OpenServerError);
      assert.match(error.message, /tenon server users add NAME --role admin/);
      return true;
    });
  });

  it("stays closed when its last user is removed", async () => {
    const store = await openStore(folder);
    await addUser(store, "ada", "admin", password);
    await store.close();
    const server = await startServer({ folder, port: 0, host: "0.0.0.0" });
    try {
      const url = `http://127.0.0.1:${server.port}/api/2.0/mlflow/experiments/get?experiment_id=0`;
      const headers = { authorization: basic("ada", password) };
      assert.equal((await fetch(url, { headers })).status, 200);
      assert.equal(
        (await fetch(url, { headers: { ...headers, origin: "https://evil.example" } })).status,
        403,
      );
      await removeUser(server.store, "ada");
      assert.equal((await fetch(url, { headers })).status, 401);
      assert.equal((await fetch(url)).status, 401);
    } finally {
      await server.close();
    }
  });
});

describe("Rate limits", () => {
  it("a bucket empties with use and fills with time, for each client", () => {
    let now = 0;
    const limit = new RateLimit(2, 3, () => now);
    for (let times = 0; times < 3; times++) {
      assert.equal(limit.wait("a"), 0);
      limit.take("a", 1);
    }
    assert.equal(limit.wait("a"), 0.5);
    assert.equal(limit.wait("b"), 0);
    now = 499;
    assert.ok(limit.wait("a") > 0);
    now = 501;
    assert.equal(limit.wait("a"), 0);
    now = 1e6;
    assert.equal(limit.wait("a"), 0);
    limit.take("a", 3);
    assert.equal(limit.wait("a"), 0.5);
  });
});
