/** @file A token server as distribution's token authentication has it: for the right password, a JWT of what was asked for. */
import { createPrivateKey, randomUUID, sign, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { runCommand } from "../../support/run-command.ts";
import { account } from "./registry.ts";

/** A token server that is up. */
export interface TokenServer {
  readonly realm: string;
  readonly service: string;
  /** The file of the certificate that its tokens are checked against. */
  readonly certificate: string;
  /** The scopes that tokens were given for. */
  readonly scopes: readonly string[];
}

/** Runs with a token server. */
export async function withTokenServer<T>(
  folder: string,
  run: (server: TokenServer) => Promise<T>,
): Promise<T> {
  const key = join(folder, "token-key.pem");
  const certificate = join(folder, "token-certificate.pem");
  await runCommand("openssl", [
    ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=tokens".split(
      " ",
    ),
    "-keyout",
    key,
    "-out",
    certificate,
  ]);
  const privateKey = createPrivateKey(await readFile(key));
  const chain = new X509Certificate(await readFile(certificate)).raw.toString("base64");
  const service = "tenon-interop";
  const scopes: string[] = [];
  const expected = `Basic ${Buffer.from(`${account.username}:${account.password}`).toString("base64")}`;
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const server = createServer((request, response) => {
    if (request.headers.authorization !== expected) {
      response.writeHead(401).end();
      return;
    }
    const asked = new URL(request.url ?? "/", "http://localhost").searchParams.getAll("scope");
    scopes.push(...asked);
    const now = Math.floor(Date.now() / 1000);
    const access = asked.map((scope) => {
      const [type, name, actions = ""] = scope.split(":");
      return { type, name, actions: actions.split(",") };
    });
    const claims = {
      iss: service,
      sub: account.username,
      aud: service,
      iat: now,
      nbf: now - 10,
      exp: now + 300,
    };
    const text = `${part({ typ: "JWT", alg: "ES256", x5c: [chain] })}.${part({ ...claims, jti: randomUUID(), access })}`;
    const signature = sign("sha256", Buffer.from(text), { key: privateKey, dsaEncoding: "ieee-p1363" });
    response.end(JSON.stringify({ token: `${text}.${signature.toString("base64url")}` }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const address = server.address();
    if (typeof address !== "object" || address === null) throw new Error("no port is free");
    return await run({ realm: `http://127.0.0.1:${address.port}/token`, service, certificate, scopes });
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
}
