// Builds the pages that VS Code shows: a script and a style for each, which the extension reads as data.
import { join } from "node:path";
import { build } from "esbuild";

const pages = ["notebook-graph", "variables", "data-viewer", "report-page"];

/** Writes `webviews/PAGE/page.js` and `page.css`; returns esbuild's results. */
export async function buildWebviewPages(root, dist) {
  return await Promise.all(
    pages.flatMap((page) =>
      ["main.ts", "page.css"].map(
        async (source) =>
          await build({
            absWorkingDir: root,
            entryPoints: { page: `webviews/${page}/${source}` },
            outdir: join(dist, "webviews", page),
            bundle: true,
            minify: true,
            format: source === "main.ts" ? "iife" : undefined,
            target: "chrome123",
            charset: "utf8",
            loader: { ".ttf": "file" },
            assetNames: "[name]",
            metafile: true,
            logLevel: "warning",
          }),
      ),
    ),
  );
}
