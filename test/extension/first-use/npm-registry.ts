/** @file A registry of one package, for npm to install from where there is no network. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface NpmRegistry {
  readonly url: string;
  stop(): Promise<void>;
}

/** Serves a package made of an `index.js` and an `index.d.ts`. */
export async function startRegistry(
  name: string,
  version: string,
  code: string,
  types: string,
): Promise<NpmRegistry> {
  const folder = mkdtempSync(join(tmpdir(), "tenon-registry-"));
  const source = join(folder, "package");
  mkdirSync(source);
  const manifest = { name, version, main: "index.js", types: "index.d.ts" };
  writeFileSync(join(source, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(source, "index.js"), code);
  writeFileSync(join(source, "index.d.ts"), types);
  execFileSync("tar", ["-czf", "package.tgz", "package"], { cwd: folder });
  const tarball = readFileSync(join(folder, "package.tgz"));
  rmSync(folder, { recursive: true });
  const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;

  let url = "";
  const server = createServer((request, response) => {
    if (request.url === `/${name}`) {
      const dist = { tarball: `${url}/${name}.tgz`, integrity };
      const versions = { [version]: { ...manifest, dist } };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ name, "dist-tags": { latest: version }, versions }));
    } else if (request.url === `/${name}.tgz`) response.end(tarball);
    else {
      response.statusCode = 404;
      response.end("{}");
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url, stop };
}
