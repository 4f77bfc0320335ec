/** @file Clients that `tenon client` writes, asking a real service by both of their protocols. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { clientSource, readModel } from "../../../ml/package/index.ts";
import { repositoryRoot } from "../../support/repository.ts";
import { matrixAnswer, matrixSignature, writeMatrixModel } from "./matrix-model.ts";
import { loanPackages, serveModels } from "./served-loans.ts";

interface ClientModule {
  readonly ModelClient: new (options: object) => {
    predict(rows: readonly object[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
  };
}

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");

describe("generated clients and the service", function () {
  this.timeout(60_000);
  let folder: string;
  before(async () => {
    await mkdir(join(repositoryRoot, "build"), { recursive: true });
    folder = await mkdtemp(join(repositoryRoot, "build/served-client-"));
  });
  after(async () => await rm(folder, { recursive: true, force: true }));

  it("tensors: typed, asked by both protocols", async () => {
    await writeMatrixModel(join(folder, "m"));
    await writeFile(join(folder, "client.ts"), clientSource(matrixSignature));
    await writeFile(
      join(folder, "caller.ts"),
      `import { ModelClient } from "./client.ts";
const client = new ModelClient({ url: "http://127.0.0.1:1", protocol: "v2", model: "m" });
const [answer] = await client.predict([{ x: [1, 2, 3] }]);
export const first: number | undefined = answer?.y[0];
// @ts-expect-error texts are no numbers
await client.predict([{ x: ["1"] }]);
`,
    );
    await writeFile(
      join(folder, "tsconfig.json"),
      JSON.stringify({
        extends: join(repositoryRoot, "tsconfig.base.json"),
        compilerOptions: {
          noEmit: true,
          composite: false,
          declaration: false,
          emitDeclarationOnly: false,
          allowImportingTsExtensions: true,
        },
        include: ["client.ts", "caller.ts"],
      }),
    );
    const compiled = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
    assert.equal(compiled.stdout, "");
    const service = await serveModels(join(folder, "m"), { reloadInterval: 0 });
    const module: ClientModule = await import(pathToFileURL(join(folder, "client.ts")).href);
    const rows = [0.5, -1].map((scale) => ({
      x: Array.from({ length: 32 }, (_, at) => Math.sin(at * scale)),
    }));
    for (const options of [{ protocol: "mlflow" }, { protocol: "v2", model: "m" }]) {
      const client = new module.ModelClient({ url: service.url, ...options });
      for (const [at, { y }] of (await client.predict(rows)).entries())
        for (const [place, value] of matrixAnswer(rows[at]?.x ?? []).entries())
          assert.ok(Math.abs(Number(Object(y)[place]) - value) < 1e-5);
      await assert.rejects(client.predict([{ x: [1] }]));
    }
    await service.close();
  });

  it("columns: as the package answers, by both protocols", async () => {
    const packages = await loanPackages();
    const directory = join(packages.folder, "status");
    await using model = await readModel(directory);
    await writeFile(join(folder, "status-client.ts"), clientSource(model.signature));
    const module: ClientModule = await import(pathToFileURL(join(folder, "status-client.ts")).href);
    const service = await serveModels(directory, { reloadInterval: 0 });
    const rows = model.recorded?.rows ?? [];
    const expected = await model.predict(rows);
    for (const options of [{ protocol: "mlflow" }, { protocol: "v2", model: "status" }]) {
      const found = await new module.ModelClient({ url: service.url, ...options }).predict(rows);
      assert.deepEqual(
        found.map(({ label }) => label),
        expected.map(({ label }) => label),
      );
    }
    await service.close();
    await packages.remove();
  });
});
