/** @file Which tables are matrices of numbers, and how a tensor's values lie in their rows. */
import type { Column } from "../../kernel/protocol.ts";

/** A stack of pictures: `count` of them, each `height` × `width`, each pixel with `channels` values. */
export interface PictureStack {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Each row of the table is a pixel; else it is a row of the picture. */
  readonly isPixelTable: boolean;
}

/** The sizes in a shape such as `60,000 × 28 × 28`. */
export function dimensionsOf(shape: string | undefined): readonly number[] {
  if (shape === undefined) return [];
  const sizes = shape.split("×").map((size) => Number(size.trim().replaceAll(",", "")));
  return sizes.every((size) => Number.isInteger(size) && size >= 0) ? sizes : [];
}

/** True for tables of numbers whose columns have places in the place of names. */
export function isMatrix(columns: readonly Column[]): boolean {
  return (
    columns.length > 0 &&
    columns.every(({ name, type }, index) => type === "number" && name === String(index))
  );
}

/**
 * The values as pictures: a tensor's last two dimensions, or height × width × 1, 3 or 4 channels; any matrix is one picture.
 * `rowCount` and `columnCount` are the table's, whose rows are the tensor's last dimension.
 */
export function pictures(
  valueType: string,
  shape: string | undefined,
  rowCount: number,
  columnCount: number,
): PictureStack {
  const sizes = valueType.startsWith("Tensor") ? dimensionsOf(shape) : [];
  const [height = 0, width = 0, channels = 0] = sizes.slice(-3);
  if (sizes.length >= 3 && [1, 3, 4].includes(channels))
    return { count: Math.max(1, rowCount / (height * width)), height, width, channels, isPixelTable: true };
  const [rows = 0, columns = 0] = sizes.slice(-2);
  if (sizes.length >= 2 && rows > 0)
    return { count: rowCount / rows, height: rows, width: columns, channels: 1, isPixelTable: false };
  return { count: 1, height: rowCount, width: columnCount, channels: 1, isPixelTable: false };
}

/** True where the values are a picture's: H × W × 1, 3 or 4, in bytes or from 0 to 1. */
export function looksLikePicture({ channels }: PictureStack, least: number, most: number): boolean {
  return channels > 1 && least >= 0 && most <= 255;
}
