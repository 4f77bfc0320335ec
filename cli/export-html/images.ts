/** @file Image outputs and images of Markdown cells, all embedded as data URIs. SVG is shown as an image, where scripts never run. */
import { readFileSync, realpathSync, statSync } from "node:fs";
import { extname, resolve, sep } from "node:path";
import { bundleText } from "./bundle-text.ts";
import { type Html, escapeHtml, html, trusted } from "./html.ts";
import type { EmbedImage } from "./sanitize-html.ts";

const largestEmbeddedFile = 16 * 2 ** 20;

const typesByExtension: Readonly<Record<string, string>> = {
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp",
  ".avif": "image/avif",
  ".svg": "image/svg+xml",
};

/** The image types that outputs are shown in, best first. */
export const imageTypes = [
  "image/svg+xml",
  "image/png",
  "image/jpeg",
  "image/webp",
  "image/avif",
  "image/gif",
  "image/bmp",
] as const;

function attachment(attachments: Readonly<Record<string, unknown>>, address: string): string | undefined {
  const bundle = attachments[decode(address.slice("attachment:".length))];
  if (typeof bundle !== "object" || bundle === null) return undefined;
  for (const type of imageTypes) {
    const data = bundleText(Reflect.get(bundle, type));
    if (data !== "") return dataUri(type, data);
  }
  return undefined;
}

function decode(address: string): string {
  try {
    return decodeURIComponent(address);
  } catch {
    return address;
  }
}

/** An image file beside the notebook or below its folder; links out of the folder are not followed. */
function fileBeside(folder: string, address: string): string | undefined {
  const type = typesByExtension[extname(address).toLowerCase()];
  if (type === undefined || /^[a-z][a-z0-9+.-]*:|^[/\\]/i.test(address)) return undefined;
  try {
    const root = realpathSync(folder);
    const path = realpathSync(resolve(root, decode(address)));
    if (!path.startsWith(root + sep) || statSync(path).size > largestEmbeddedFile) return undefined;
    return `data:${type};base64,${readFileSync(path).toString("base64")}`;
  } catch {
    return undefined;
  }
}

/** How a Markdown cell's images are embedded: from its attachments, else from files in the notebook's folder. */
export function imageEmbedder(
  attachments: Readonly<Record<string, unknown>>,
  folder: string | undefined,
): EmbedImage {
  return (address) => {
    if (address.startsWith("attachment:")) return attachment(attachments, address);
    return folder === undefined ? undefined : fileBeside(folder, address);
  };
}

function dataUri(type: string, data: string): string {
  if (type !== "image/svg+xml") return `data:${type};base64,${data.replace(/[^A-Za-z0-9+/=]/g, "")}`;
  const base64 = /^\s*</.test(data)
    ? Buffer.from(data).toString("base64")
    : data.replace(/[^A-Za-z0-9+/=]/g, "");
  return `data:${type};base64,${base64}`;
}

function size(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? Math.round(value) : undefined;
}

/** An image output. Ones that don't say otherwise get a light ground, for most plots are drawn for one. */
export function imageOutput(
  type: string,
  data: string,
  metadata: Readonly<Record<string, unknown>>,
  label: string,
): Html {
  const width = size(metadata["width"]);
  const height = size(metadata["height"]);
  const ground = metadata["needs_background"];
  const adapts = type === "image/svg+xml" && data.includes("prefers-color-scheme");
  const groundClass = trusted(
    ground === "dark" ? " nb-dark-ground" : adapts || ground === "none" ? "" : " nb-light-ground",
  );
  const dimensions = html`${width !== undefined && html` width="${width}"`}${height !== undefined && html` height="${height}"`}`;
  return html`<img
    class="nb-image${groundClass}"
    src="${trusted(dataUri(type, data))}"
    alt="${escapeHtml(label)}"
    ${dimensions}
  />`;
}
