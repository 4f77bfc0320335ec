import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer, request } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TLSSocket } from "node:tls";
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { ServingError } from "../../../ml/serve/inference.ts";
import { AdminAudit } from "../../../ml/serve/security/admin-audit.ts";
import { ApiKeys, apiKeysText, makeApiKey, parseApiKeys } from "../../../ml/serve/security/api-keys.ts";
import { Authenticator, type Credentials } from "../../../ml/serve/security/authenticator.ts";
import { allows, grantedInfer, grantsOfScope } from "../../../ml/serve/security/grants.ts";
import { clientCertificateName, readTlsOptions, reloadTls } from "../../../ml/serve/security/tls.ts";
import { Tokens } from "../../../ml/serve/security/tokens.ts";
import { refused } from "../refused.ts";
import { answer, call, context } from "./calls.ts";

const grants = [{ models: ["risk", "fraud-*"], verbs: ["infer"] }] as const;

function credentials(change: Partial<Credentials> = {}): Credentials {
  return { authorization: undefined, apiKey: undefined, certificate: undefined, address: "::1", ...change };
}

function kind(expected: string, message = /./): (error: unknown) => boolean {
  return (error) => error instanceof ServingError && error.kind === expected && message.test(error.message);
}

describe("Grants", () => {
  it("are verbs on names and beginnings of names", () => {
    assert.ok(allows(grants, "infer", "risk"));
    assert.ok(allows(grants, "infer", "fraud-eu"));
    assert.ok(!allows(grants, "infer", "risk2"));
    assert.ok(!allows(grants, "read", "risk"));
    assert.ok(!allows([], "infer", "risk"));
  });

  it("come from a token's scope", () => {
    assert.deepEqual(grantsOfScope("openid infer:risk read:* sudo:* infer:"), [
      { models: ["risk"], verbs: ["infer"] },
      { models: ["*"], verbs: ["read"] },
    ]);
  });

  it("are asked for at every call", () => {
    const infer = grantedInfer((request) => answer(request, 1));
    assert.throws(() => infer(call(), context()), kind("unauthenticated"));
    const caller = { name: "team", address: "::1", grants };
    void infer(call(), context({ caller }));
    assert.throws(
      () => infer(call({ model: "other" }), context({ caller })),
      kind("forbidden", /team may not infer "other"/),
    );
  });
});

describe("API keys", () => {
  it("are kept as hashes and found by their text", () => {
    const { key, record } = makeApiKey({ name: "team", grants });
    const text = apiKeysText([record]);
    assert.ok(!text.includes(key.slice(19)));
    const keys = new ApiKeys(parseApiKeys(text));
    assert.equal(keys.find(key, 0)?.name, "team");
    assert.equal(keys.find(`${key.slice(0, -1)}${key.endsWith("A") ? "B" : "A"}`, 0), undefined);
    for (const wrong of ["", "tenon_", `${key}x`, makeApiKey({ name: "x", grants }).key])
      assert.equal(keys.find(wrong, 0), undefined);
  });

  it("end when they say so", async () => {
    const { key, record } = makeApiKey({ name: "team", grants, expires: new Date(1000) });
    const keys = new ApiKeys([record]);
    assert.equal(keys.find(key, 999)?.name, "team");
    assert.equal(keys.find(key, 1000), undefined);
    const soon = makeApiKey({ name: "soon", grants, expires: new Date(Date.now() + 30) });
    const authenticator = new Authenticator({ keys: new ApiKeys([soon.record]) });
    assert.equal((await authenticator.authenticate(credentials({ apiKey: soon.key }))).name, "soon");
    await new Promise((resolve) => setTimeout(resolve, 40));
    assert.throws(
      () => authenticator.authenticate(credentials({ apiKey: soon.key })),
      kind("unauthenticated"),
    );
  });

  it("are refused in files that are none", async () => {
    const { record } = makeApiKey({ name: "team", grants });
    await refused(() => parseApiKeys("{"), /no JSON/);
    await refused(() => parseApiKeys(`{"version":2,"keys":[]}`), /version/);
    await refused(() => parseApiKeys(apiKeysText([record, record])), /one id/);
    await refused(
      () => parseApiKeys(apiKeysText([{ ...record, hash: "x" }])),
      /keys\.0\.hash: must be a SHA-256/,
    );
    await refused(
      () =>
        parseApiKeys(
          JSON.stringify({ version: 1, keys: [{ ...record, grants: [{ models: ["a"], verbs: ["all"] }] }] }),
        ),
      /verbs\.0/,
    );
  });
});

describe("Callers", () => {
  const { key, record } = makeApiKey({ name: "team", grants });
  const authenticator = new Authenticator({
    keys: new ApiKeys([record]),
    certificates: [{ commonName: "client", grants }],
  });

  it("show a key in either header, or a certificate", async () => {
    for (const shown of [
      { apiKey: key },
      { authorization: `Bearer ${key}` },
      { authorization: `bearer ${key}` },
    ]) {
      const first = authenticator.authenticate(credentials(shown));
      assert.deepEqual(first, { name: "team", grants, address: "::1" });
    }
    assert.equal((await authenticator.authenticate(credentials({ certificate: "client" }))).name, "client");
  });

  it("are refused without proof, with a wrong one, and once it is taken back", () => {
    for (const shown of [
      {},
      { certificate: "server" },
      { apiKey: "x" },
      { authorization: `Basic ${key}` },
      // A wrong key is not made good by a certificate.
      { apiKey: "x", certificate: "client" },
    ])
      assert.throws(() => authenticator.authenticate(credentials(shown)), kind("unauthenticated"));
    const other = new Authenticator({ keys: new ApiKeys([record]) });
    void other.authenticate(credentials({ apiKey: key }));
    other.replace({ keys: new ApiKeys([]) });
    assert.throws(() => other.authenticate(credentials({ apiKey: key })), kind("unauthenticated"));
  });
});

describe("Tokens", () => {
  const issuer = "https://issuer.example";
  const folder = mkdtempSync(join(tmpdir(), "tenon-tokens-"));
  let sign: (claims: Record<string, unknown>, change?: (token: SignJWT) => SignJWT) => Promise<string>;
  let published: unknown;

  before(async () => {
    const { privateKey, publicKey } = await generateKeyPair("ES256");
    published = { keys: [{ ...(await exportJWK(publicKey)), kid: "1", alg: "ES256" }] };
    sign = async (claims, change = (token) => token) => {
      const token = new SignJWT(claims)
        .setProtectedHeader({ alg: "ES256", kid: "1" })
        .setIssuer(issuer)
        .setAudience("tenon")
        .setSubject("robot")
        .setExpirationTime("1h");
      return change(token).sign(privateKey);
    };
  });
  after(() => rmSync(folder, { recursive: true }));

  it("are verified by a key set that is fetched once", async () => {
    let fetched = 0;
    const server = createHttpServer((_, response) => {
      fetched += 1;
      response.setHeader("content-type", "application/json").end(JSON.stringify(published));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const jwks = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
      const authenticator = new Authenticator({
        tokens: await Tokens.open({ jwks, issuer, audience: "tenon" }),
      });
      const authorization = `Bearer ${await sign({ scope: "infer:risk" })}`;
      const caller = await authenticator.authenticate(credentials({ authorization }));
      assert.deepEqual(caller, {
        name: "robot",
        grants: [{ models: ["risk"], verbs: ["infer"] }],
        address: "::1",
      });
      // A token that was verified is known at once.
      assert.ok(!(authenticator.authenticate(credentials({ authorization })) instanceof Promise));
      await authenticator.authenticate(
        credentials({ authorization: `Bearer ${await sign({ scope: "read:*" })}` }),
      );
      assert.equal(fetched, 1);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  it("are refused when expired, of others, unsigned, changed or signed with the public key as a secret", async () => {
    const jwks = join(folder, "keys.json");
    writeFileSync(jwks, JSON.stringify(published));
    const tokens = await Tokens.open({ jwks, issuer, audience: "tenon" });
    const good = await sign({ scope: "infer:*" });
    assert.equal((await tokens.verify(good)).subject, "robot");
    const [head = "", body = "", signature = ""] = good.split(".");
    const altered = Buffer.from(body, "base64url").toString().replace("robot", "admin");
    const secret = new TextEncoder().encode(JSON.stringify(published));
    const bad = {
      expired: await sign({}, (token) => token.setExpirationTime(Math.floor(Date.now() / 1000) - 10)),
      issuer: await sign({}, (token) => token.setIssuer("https://other.example")),
      audience: await sign({}, (token) => token.setAudience("other")),
      unsigned: new UnsecuredJWT({ sub: "robot" })
        .setIssuer(issuer)
        .setAudience("tenon")
        .setExpirationTime("1h")
        .encode(),
      changed: `${head}.${Buffer.from(altered).toString("base64url")}.${signature}`,
      secret: await new SignJWT({ sub: "robot" })
        .setProtectedHeader({ alg: "HS256", kid: "1" })
        .setIssuer(issuer)
        .setAudience("tenon")
        .setExpirationTime("1h")
        .sign(secret),
      garbage: "a.b.c",
    };
    for (const [name, token] of Object.entries(bad))
      await assert.rejects(() => tokens.verify(token), kind("unauthenticated"), name);
    await refused(
      () => Tokens.open({ jwks: join(folder, "none.json"), issuer, audience: "x" }),
      /cannot be read/,
    );
    writeFileSync(join(folder, "wrong.json"), `{"keys": 1}`);
    await refused(
      () => Tokens.open({ jwks: join(folder, "wrong.json"), issuer, audience: "x" }),
      /no JSON Web Key Set/,
    );
  });

  it("are not the caller's fault when the keys can't be had", async () => {
    const tokens = await Tokens.open({ jwks: "http://127.0.0.1:9/keys", issuer, audience: "tenon" });
    await assert.rejects(async () => tokens.verify(await sign({})), kind("unavailable"));
  });
});

describe("TLS", () => {
  const at = (name: string): string => new URL(`tls/${name}`, import.meta.url).pathname;
  const settings = { cert: at("server.pem"), key: at("server.key"), clientCa: at("authority.pem") };

  it("knows clients by their certificates and takes renewed ones while it runs", async () => {
    const server = createServer(await readTlsOptions(settings), ({ socket }, response) => {
      response.end(socket instanceof TLSSocket ? clientCertificateName(socket) : undefined);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const ask = async (
      client: string | undefined,
    ): Promise<{ readonly body: string; readonly server: unknown }> => {
      const sent = request({
        port,
        host: "127.0.0.1",
        ca: readFileSync(at("authority.pem")),
        ...(client !== undefined && {
          cert: readFileSync(at(`${client}.pem`)),
          key: readFileSync(at(`${client}.key`)),
        }),
        agent: false,
      }).end();
      const [response] = (await once(sent, "response")) as [import("node:http").IncomingMessage];
      let body = "";
      for await (const chunk of response) body += String(chunk);
      const { socket } = response;
      return {
        body,
        server: socket instanceof TLSSocket ? socket.getPeerCertificate().subject?.CN : undefined,
      };
    };
    try {
      assert.deepEqual(await ask("client"), { body: "client", server: "server" });
      await assert.rejects(() => ask(undefined));
      await reloadTls(server, { ...settings, cert: at("renewed.pem"), key: at("renewed.key") });
      assert.equal((await ask("client")).server, "renewed");
      await refused(
        () => reloadTls(server, { ...settings, key: at("client.key") }),
        /no certificate and its key/,
      );
      assert.equal((await ask("client")).server, "renewed");
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  it("refuses files that are missing or wrong", async () => {
    await refused(() => readTlsOptions({ ...settings, key: at("none.key") }), /none\.key cannot be read/);
    await refused(() => readTlsOptions({ ...settings, cert: at("server.key") }), /no certificate/);
  });
});

describe("The audit of administrative calls", () => {
  it("has a line for each, in order, and keeps what was there", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tenon-audit-"));
    try {
      const path = join(folder, "audit.jsonl");
      for (const round of [0, 1]) {
        const audit = await AdminAudit.open(path);
        await Promise.all(
          [0, 1, 2].map((at) =>
            audit.record({
              caller: "ops",
              address: "::1",
              action: `PUT ${round}/${at}`,
              status: 200,
              detail: { at },
            }),
          ),
        );
        await audit.close();
      }
      const lines = readFileSync(path, "utf8").trim().split("\n");
      const actions = lines.map((line) => (JSON.parse(line) as { readonly action: string }).action);
      assert.deepEqual(actions, ["PUT 0/0", "PUT 0/1", "PUT 0/2", "PUT 1/0", "PUT 1/1", "PUT 1/2"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
