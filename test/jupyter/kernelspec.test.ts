import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import {
  KernelspecError,
  dataDirs,
  findKernelspec,
  kernelspecEnvironment,
  listKernelspecs,
  prefixDataDir,
  removeKernelspec,
  tenonKernelspec,
  userDataDir,
  writeKernelspec,
} from "../../jupyter/kernelspec.ts";

describe("kernelspecs", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "tenon-kernelspec-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("the user's data directory on each platform", () => {
    const place = { home: "/home/ada", env: {} };
    assert.equal(userDataDir({ ...place, platform: "linux" }), "/home/ada/.local/share/jupyter");
    assert.equal(userDataDir({ ...place, platform: "darwin" }), "/home/ada/Library/Jupyter");
    assert.equal(userDataDir({ ...place, platform: "linux", env: { XDG_DATA_HOME: "/x" } }), "/x/jupyter");
    assert.equal(userDataDir({ ...place, platform: "linux", env: { JUPYTER_DATA_DIR: "/y" } }), "/y");
    assert.equal(
      userDataDir({ ...place, platform: "win32", env: { APPDATA: "/roaming" } }),
      "/roaming/jupyter",
    );
  });

  it("JUPYTER_PATH comes first, then environments, then the user, then the system", () => {
    const env = { JUPYTER_PATH: ["/a", "/b"].join(delimiter), VIRTUAL_ENV: "/venv" };
    assert.deepEqual(dataDirs(["/prefix"], { platform: "linux", env, home: "/h" }), [
      "/a",
      "/b",
      "/prefix/share/jupyter",
      "/venv/share/jupyter",
      "/h/.local/share/jupyter",
      "/usr/local/share/jupyter",
      "/usr/share/jupyter",
    ]);
  });

  it("is written with its files, found, and removed", async () => {
    const logo = join(folder, "logo.svg");
    await writeFile(logo, "<svg/>");
    const spec = tenonKernelspec({ node: "/usr/bin/node", kernelMain: "/opt/tenon/main.cjs" });
    const dataDir = prefixDataDir(folder);
    const installed = await writeKernelspec(dataDir, "Tenon", spec, { "logo-svg.svg": logo });
    assert.deepEqual((await readdir(installed.directory)).sort(), ["kernel.json", "logo-svg.svg"]);
    const found = await findKernelspec("tenon", [dataDir]);
    assert.deepEqual(found, { name: "tenon", directory: installed.directory, spec });
    assert.deepEqual(JSON.parse(await readFile(join(installed.directory, "kernel.json"), "utf8")), {
      argv: ["/usr/bin/node", "--max-semi-space-size=8", "/opt/tenon/main.cjs", "{connection_file}"],
      display_name: "TypeScript (Tenon)",
      language: "typescript",
      interrupt_mode: "message",
      kernel_protocol_version: "5.5",
      metadata: { debugger: true, supported_encryption: ["curve"] },
    });
    assert.equal(await removeKernelspec(dataDir, "tenon"), true);
    assert.equal(await removeKernelspec(dataDir, "tenon"), false);
    await assert.rejects(findKernelspec("tenon", [dataDir]), KernelspecError);
  });

  it("the first of two with one name counts, and broken ones are passed over", async () => {
    const [first, second] = [join(folder, "1"), join(folder, "2")];
    const spec = { argv: ["a"], display_name: "first", language: "x" };
    await writeKernelspec(first, "same", spec);
    await writeKernelspec(second, "same", { ...spec, display_name: "second" });
    await mkdir(join(first, "kernels", "broken"));
    await writeFile(join(first, "kernels", "broken", "kernel.json"), '{"argv": []}');
    const names = (await listKernelspecs([first, second, join(folder, "none")])).map(
      (each) => each.spec.display_name,
    );
    assert.deepEqual(names, ["first"]);
  });

  it("a name that leaves its directory is refused", async () => {
    const spec = { argv: ["a"], display_name: "x", language: "x" };
    for (const name of ["..", "a/b", "", "a b"]) {
      await assert.rejects(writeKernelspec(folder, name, spec), KernelspecError, name);
      await assert.rejects(removeKernelspec(folder, name), KernelspecError, name);
    }
  });

  it("the environment's variables are filled in", () => {
    const spec = { argv: ["a"], display_name: "x", language: "x", env: { A: "${HOME_A}/x", B: "${NONE}" } };
    assert.deepEqual(kernelspecEnvironment({ name: "x", directory: "/", spec }, { HOME_A: "/h" }), {
      A: "/h/x",
      B: "${NONE}",
    });
  });
});
