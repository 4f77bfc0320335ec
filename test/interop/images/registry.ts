/** @file Docker's registry (distribution) on a free port of this machine, open, with a password, or with tokens. */
import { createHash } from "node:crypto";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

/** How a registry lets in. */
export type RegistryAccess =
  | { readonly kind: "open" }
  | { readonly kind: "password" }
  | {
      readonly kind: "token";
      readonly realm: string;
      readonly service: string;
      readonly certificate: string;
    };

/** The name and password that {@link withRegistry} knows. */
export const account = { username: "tester", password: "of-this-test" } as const;

/** `account`'s password by bcrypt, which is all that the registry reads. */
const passwordLine = `${account.username}:$2b$05$fC9ieCo2fGBbd/VugxOUBepuci15sojFU3PrQdf4z4tnvs6DXZLdC\n`;

/** Runs with a registry, whose host and port it is given; it is empty, and ends afterwards. */
export async function withRegistry<T>(
  folder: string,
  access: RegistryAccess,
  run: (registry: string) => Promise<T>,
): Promise<T> {
  const place = join(
    folder,
    `registry-${createHash("sha256").update(JSON.stringify(access)).digest("hex").slice(0, 8)}`,
  );
  await mkdir(place, { recursive: true });
  const registry = `127.0.0.1:${await freePort()}`;
  const passwords = join(place, "passwords");
  await writeFile(passwords, passwordLine);
  const auth =
    access.kind === "open"
      ? {}
      : access.kind === "password"
        ? { auth: { htpasswd: { realm: "tenon", path: passwords } } }
        : {
            auth: {
              token: {
                realm: access.realm,
                service: access.service,
                issuer: access.service,
                rootcertbundle: access.certificate,
              },
            },
          };
  const configuration = join(place, "config.yml");
  // JSON is YAML.
  await writeFile(
    configuration,
    JSON.stringify({
      version: 0.1,
      log: { level: "error" },
      storage: { filesystem: { rootdirectory: join(place, "data") } },
      http: { addr: registry },
      ...auth,
    }),
  );
  const server = spawn("docker-registry", ["serve", configuration], { stdio: "ignore" });
  const ended = once(server, "close");
  try {
    await answering(`http://${registry}/v2/`);
    return await run(registry);
  } finally {
    server.kill();
    await ended;
  }
}

async function answering(url: string): Promise<void> {
  for (const until = performance.now() + 20_000; ; await setTimeout(100)) {
    const response = await fetch(url).catch(() => {});
    if (response !== undefined) return;
    if (performance.now() > until) throw new Error(`${url} gives no answer`);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("no port is free");
  return address.port;
}
