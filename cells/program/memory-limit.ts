/**
 * @file How much memory the compiler may fill before it collects garbage.
 *
 * A limit below what is alive makes the collector run all the time; a far larger one is memory that nobody needs. What
 * is alive grows with the sources of the program: measured with TypeScript 7.0.2, 31 MiB for its library and Node's
 * types, and 16 to 25 bytes for each further byte of declarations.
 */
import { statSync } from "node:fs";

/** For a program of TypeScript's library and Node's types, in MiB: what is alive, and as much again for garbage. */
export const baseMemoryLimit = 80;
/** The size of those, in bytes. */
const baseSize = 2_950_000;
const limitPerByte = 26;
/** Growth that the base limit has room for, and the steps beyond it, in MiB. */
const room = 16;
const step = 32;

/** The limit in MiB for a program of these files. */
export function memoryLimitFor(files: readonly string[]): number {
  let size = 0;
  for (const file of files) size += statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  const growth = ((size - baseSize) * limitPerByte) / 2 ** 20;
  return growth <= room ? baseMemoryLimit : baseMemoryLimit + Math.ceil(growth / step) * step;
}
