// Opens VS Code with the extension and the samples: the desktop's where there is one, else the one that npm carries, in
// the browser, on a loopback port.
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { desktopVscode } from "../test/extension/support/desktop-vscode.ts";
import { installedExtension } from "../test/extension/support/installed-extension.ts";
import { WorkbenchServer } from "../test/extension/support/workbench-server.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values: options } = parseArgs({
  options: {
    browser: { type: "boolean", default: false },
    packaged: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (options.help) {
  console.log(`npm run workbench [-- --browser] [-- --packaged]

Opens VS Code with the extension of this checkout and a copy of the samples. Build first: npm run build.
The desktop's VS Code is taken where \`code\` is on the PATH or VSCODE_PATH names it; else the one that npm carries,
which is installed into build/ and opens in a browser, at the address printed. Ctrl-C ends it.

  --browser    the one in the browser, also where the desktop's is there
  --packaged   the packaged extension (npm run package) in the place of the checkout; in the browser only`);
  process.exit(0);
}

const folder = mkdtempSync(join(tmpdir(), "tenon-workbench-"));
const workspace = join(folder, "workspace");
process.once("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
mkdirSync(workspace);
cpSync(join(root, "samples"), workspace, {
  recursive: true,
  filter: (path) => path !== join(root, "samples/output"),
});

const desktop = options.browser || options.packaged ? undefined : desktopVscode();
if (desktop === undefined) await openInBrowser();
else openOnDesktop(desktop);

async function openInBrowser() {
  if (!options.packaged) process.env["TENON_UI_UNPACKED"] = "1";
  console.log("Starting VS Code (its first start installs it, in half a minute) …");
  const server = await WorkbenchServer.start({
    extensions: await installedExtension(),
    folder,
    trusted: true,
  });
  console.log(`VS Code is at ${server.url}/?folder=${encodeURIComponent(workspace)}\nCtrl-C ends it.`);
  const stop = () => {
    server.stop().then(
      () => process.exit(0),
      (error) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, stop);
  // The server runs in a process group of its own, which lets this process end.
  setInterval(() => {}, 2 ** 30);
}

/** VS Code is given its own data folder, so that no other window and no other extension takes part. */
function openOnDesktop(program) {
  const profile = ["--user-data-dir", join(folder, "user"), "--extensions-dir", join(folder, "extensions")];
  const child = spawn(
    program,
    ["--wait", "--new-window", ...profile, `--extensionDevelopmentPath=${root}`, workspace],
    { stdio: "inherit", shell: process.platform === "win32" },
  );
  child.once("error", (error) => {
    console.error(`${program} can't be started: ${error.message}`);
    process.exit(1);
  });
  child.once("close", (code) => process.exit(code ?? 1));
}
