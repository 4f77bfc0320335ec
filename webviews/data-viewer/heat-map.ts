/** @file A matrix of numbers as colours, with a legend; a tensor of channels as the picture that it is. */
import { element } from "../frame/element.ts";
import { numberText } from "./cell-text.ts";
import { type PictureStack, looksLikePicture } from "./matrix-shape.ts";
import type { Text } from "./texts.ts";

/** Viridis at nine places: even to the eye, also without colour. */
const colours: readonly (readonly [red: number, green: number, blue: number])[] = [
  [68, 1, 84],
  [72, 40, 120],
  [62, 74, 137],
  [49, 104, 142],
  [38, 130, 142],
  [31, 158, 137],
  [53, 183, 121],
  [144, 215, 67],
  [253, 231, 37],
];
/** The most rows and columns that are drawn; a screen has no more. */
export const mostSide = 1000;

/** The numbers of one picture, row by row, channels innermost. */
export interface Pixels {
  readonly values: Float64Array;
  readonly shape: PictureStack;
}

/** A number from 0 to 1 as a colour. */
export function colourAt(share: number): readonly [number, number, number] {
  const place = Math.max(0, Math.min(1, share)) * (colours.length - 1);
  const below = colours[Math.floor(place)] ?? [0, 0, 0];
  const above = colours[Math.ceil(place)] ?? below;
  const part = place - Math.floor(place);
  const mix = (channel: 0 | 1 | 2): number =>
    Math.round(below[channel] + (above[channel] - below[channel]) * part);
  return [mix(0), mix(1), mix(2)];
}

/** Draws the picture into a place, with its legend; pointing at a pixel tells its value. */
export function drawHeatMap(place: HTMLElement, { values, shape }: Pixels, text: Text): void {
  const { width, height, channels } = shape;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const isPicture = looksLikePicture(shape, least, most);
  const canvas = element("canvas", {
    attributes: { width, height, role: "img", "aria-label": text("heatMapOf", `${height} × ${width}`) },
  });
  const scale = Math.max(1, Math.min(16, Math.floor(Math.min(640 / width, 480 / height))));
  canvas.style.width = `${width * scale}px`;
  canvas.style.height = `${height * scale}px`;
  const context = canvas.getContext("2d");
  if (context === null) return;
  const image = context.createImageData(width, height);
  const range = most > least ? most - least : 1;
  const full = most <= 1 ? 255 : 1;
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const at = pixel * channels;
    const first = values[at] ?? Number.NaN;
    // What isn't a number is left clear.
    if (!isPicture && !Number.isFinite(first)) continue;
    const [red, green, blue] = isPicture
      ? [first * full, (values[at + 1] ?? 0) * full, (values[at + 2] ?? 0) * full]
      : colourAt((first - least) / range);
    image.data.set([red, green, blue, channels === 4 ? (values[at + 3] ?? 1) * full : 255], pixel * 4);
  }
  context.putImageData(image, 0, 0);
  const told = element("p", { class: "pixel", attributes: { role: "status" } });
  const hint = `${height.toLocaleString()} × ${width.toLocaleString()}`;
  told.textContent = hint;
  canvas.addEventListener("pointermove", ({ offsetX, offsetY }) => {
    const row = Math.min(height - 1, Math.floor(offsetY / scale));
    const column = Math.min(width - 1, Math.floor(offsetX / scale));
    const at = (row * width + column) * channels;
    const pixel = [...values.subarray(at, at + channels)].map(numberText).join(", ");
    told.textContent = `[${row}, ${column}] ${pixel}`;
  });
  canvas.addEventListener("pointerleave", () => {
    told.textContent = hint;
  });
  place.replaceChildren(
    element("div", { class: "canvas", children: [canvas] }),
    ...(isPicture || least > most ? [] : [legend(least, most)]),
    told,
  );
}

function legend(least: number, most: number): HTMLElement {
  const canvas = element("canvas", { attributes: { width: 256, height: 1, "aria-hidden": "true" } });
  const context = canvas.getContext("2d");
  const image = context?.createImageData(256, 1);
  if (context !== null && image !== undefined) {
    for (let x = 0; x < 256; x += 1) image.data.set([...colourAt(x / 255), 255], x * 4);
    context.putImageData(image, 0, 0);
  }
  return element("div", {
    class: "legend",
    children: [
      element("span", { text: numberText(least) }),
      canvas,
      element("span", { text: numberText(most) }),
    ],
  });
}
