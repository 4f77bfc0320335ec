// Builds the assets of exported notebook pages: what `cli/export-html` reads as data.
import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { build } from "esbuild";

const require = createRequire(import.meta.url);
const packageFile = (name, path) => join(dirname(require.resolve(`${name}/package.json`)), path);

/** Writes the page's script and styles, Plotly, and KaTeX's styles and fonts with their licences. */
export async function buildNotebookPage(root, dist) {
  const folder = join(dist, "webviews/notebook-page");
  mkdirSync(join(folder, "katex-fonts"), { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: { page: "webviews/notebook-page/main.ts" },
    outdir: folder,
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    charset: "utf8",
    logLevel: "warning",
  });
  await build({
    absWorkingDir: root,
    entryPoints: { page: "webviews/notebook-page/page.css" },
    outdir: folder,
    bundle: true,
    minify: true,
    target: ["chrome123", "firefox121", "safari17.5"],
    charset: "utf8",
    logLevel: "warning",
  });
  cpSync(
    packageFile("plotly.js-cartesian-dist-min", "plotly-cartesian.min.js"),
    join(folder, "plotly-cartesian.js"),
  );
  cpSync(packageFile("plotly.js-strict-dist-min", "plotly-strict.min.js"), join(folder, "plotly-all.js"));
  cpSync(packageFile("katex", "dist/katex.min.css"), join(folder, "katex.css"));
  cpSync(packageFile("katex", "LICENSE"), join(folder, "katex-fonts/LICENSE"));
  const fonts = packageFile("katex", "dist/fonts");
  for (const name of readdirSync(fonts))
    if (name.endsWith(".woff2")) cpSync(join(fonts, name), join(folder, "katex-fonts", name));
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const root = dirname(import.meta.dirname);
  await buildNotebookPage(root, join(root, "dist"));
}
