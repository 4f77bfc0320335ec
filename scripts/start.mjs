// `npm start`: runs the flagship sample on our own kernel, without a browser, and says what to do next.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tenon = join(root, "dist/cli/main.js");
const notebook = join(root, "samples/01-flight-delays.ipynb");
const outputs = join(root, "samples/output");
const executed = join(outputs, "01-flight-delays.ipynb");
const page = join(outputs, "01-flight-delays.html");

for (const [file, advice] of [
  [tenon, "run `npm run build` first (`npm install` does it too)"],
  [notebook, "the checkout is not complete: `git checkout samples` brings it back"],
]) {
  if (existsSync(file)) continue;
  console.error(`${relative(root, file)} is missing: ${advice}`);
  process.exit(1);
}

mkdirSync(outputs, { recursive: true });
const child = spawn(process.execPath, [tenon, "run", notebook, "--out", executed, "--html", page], {
  cwd: root,
  stdio: "inherit",
});
// The terminal sends Ctrl-C to both; the child decides what it means.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.once("error", (error) => {
  throw error;
});
child.once("close", (code, signal) => {
  process.exitCode = signal === null ? (code ?? 1) : 1;
  if (code === 0) sayWhatIsNext();
});

function sayWhatIsNext() {
  const size = (statSync(page).size / 2 ** 20).toFixed(1);
  console.log(`
What next:
  Open the page in a browser (${size} MiB, works without a network):
    ${page}
  Open the notebook yourself, in VS Code or JupyterLab, with the kernel "TypeScript (Tenon)":
    npx tenon kernel install
    ${relative(process.cwd(), notebook)}
  Run it again with other values, or check what this machine offers:
    npx tenon run ${relative(process.cwd(), notebook)} --help
    npx tenon doctor`);
}
