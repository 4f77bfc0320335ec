/**
 * @file How much memory the compiler may fill before it collects garbage.
 *
 * A limit below what is alive makes the collector run all the time; a far larger one is memory that nobody needs. What
 * is alive grows with the sources of the program: measured, 9 to 11 bytes for each byte of declarations.
 */
import { statSync } from "node:fs";

/** For a program of TypeScript's library and Node's types, in MiB. */
export const baseMemoryLimit = 80;
/** The size of those, in bytes. */
const baseSize = 3_500_000;
const bytesPerByte = 11;

/** The limit in MiB for a program of these files, in steps of 64 MiB. */
export function memoryLimitFor(files: readonly string[]): number {
  let size = 0;
  for (const file of files) size += statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  const beyond = ((size - baseSize) * bytesPerByte) / 2 ** 20;
  return beyond <= 8 ? baseMemoryLimit : baseMemoryLimit + Math.ceil(beyond / 64) * 64;
}
