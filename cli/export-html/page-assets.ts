/** @file The page's built assets (`dist/webviews/notebook-page`), read as data. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The page's assets are missing from the installation. */
export class PageAssetsError extends Error {
  override readonly name = "PageAssetsError";
}

function findAssets(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const assets = join(folder, "dist", "webviews", "notebook-page");
    if (existsSync(assets)) return assets;
    const parent = dirname(folder);
    if (parent === folder)
      throw new PageAssetsError(
        "The HTML export's page is not built: run `npm run build`, or install tenon again.",
      );
    folder = parent;
  }
}

let assets: string | undefined;

/** Reads one of the page's assets as bytes. */
export async function readAssetBytes(name: string): Promise<Buffer> {
  assets ??= findAssets();
  try {
    return await readFile(join(assets, name));
  } catch (cause) {
    throw new PageAssetsError(
      `The HTML export's ${name} is missing: run \`npm run build\`, or install tenon again.`,
      { cause },
    );
  }
}

/** Reads one of the page's assets as text. */
export async function readAsset(name: string): Promise<string> {
  return (await readAssetBytes(name)).toString("utf8");
}
