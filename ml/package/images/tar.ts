/**
 * @file Tar archives that depend on nothing but names and contents: POSIX ustar, with pax headers where a name is too long
 * or not ASCII or a file too large; owner 0, one time of modification, modes of two kinds.
 */
import { fileChunks } from "../../file-chunks.ts";
import { ImageError } from "./image-error.ts";

/** A member of an archive. */
export type TarEntry =
  | {
      readonly kind: "file";
      readonly name: string;
      readonly mode: number;
      /** Bytes, or the path of a file that is streamed. */
      readonly content: Uint8Array | { readonly path: string; readonly size: number };
    }
  | { readonly kind: "directory"; readonly name: string; readonly mode: number }
  | { readonly kind: "link"; readonly name: string; readonly target: string };

/** The largest size that eleven octal digits hold. */
const largestPlainSize = 0o77777777777;
const block = 512;

/**
 * The bytes of an archive, in the order of the entries.
 * @throws {@link ImageError} where a file has another size than was said, as when it is being written to
 */
export async function* tarArchive(
  entries: Iterable<TarEntry>,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (const entry of entries) {
    yield tarHeader(entry);
    if (entry.kind !== "file") continue;
    const { content } = entry;
    if (content instanceof Uint8Array) {
      yield content;
      yield padding(content.length);
      continue;
    }
    let length = 0;
    for await (const chunk of fileChunks(content.path, signal)) {
      length += chunk.length;
      if (length > content.size) break;
      yield chunk;
    }
    if (length !== content.size) throw new ImageError(`${content.path} has changed while it was read`);
    yield padding(length);
  }
  yield new Uint8Array(2 * block);
}

/** The headers of one member: ustar's, behind pax's where that is needed. */
function tarHeader(entry: TarEntry): Uint8Array {
  const name = entry.kind === "directory" ? `${entry.name}/` : entry.name;
  const target = entry.kind === "link" ? entry.target : "";
  const size =
    entry.kind !== "file"
      ? 0
      : entry.content instanceof Uint8Array
        ? entry.content.length
        : entry.content.size;
  const records = [
    ...(fits(name) ? [] : [paxRecord("path", name)]),
    ...(fits(target) ? [] : [paxRecord("linkpath", target)]),
    ...(size <= largestPlainSize ? [] : [paxRecord("size", String(size))]),
  ];
  const type = entry.kind === "file" ? "0" : entry.kind === "directory" ? "5" : "2";
  const mode = entry.kind === "link" ? 0o777 : entry.mode;
  const header = ustar(
    fits(name) ? name : shortened(name),
    mode,
    size <= largestPlainSize ? size : 0,
    type,
    fits(target) ? target : shortened(target),
  );
  if (records.length === 0) return header;
  const body = Buffer.concat(records);
  return Buffer.concat([
    ustar(shortened(`PaxHeaders/${name}`), 0o644, body.length, "x", ""),
    body,
    padding(body.length),
    header,
  ]);
}

/** Whether a name fits a field of ustar as it is. */
function fits(name: string): boolean {
  return Buffer.byteLength(name) <= 100 && /^[\u0020-\u007E]*$/.test(name);
}

/** What readers that don't know pax see. */
function shortened(name: string): string {
  return name.replaceAll(/[^\u0020-\u007E]/g, "_").slice(0, 100);
}

function ustar(name: string, mode: number, size: number, type: string, target: string): Uint8Array {
  const header = Buffer.alloc(block);
  header.write(name, 0, 100, "latin1");
  writeOctal(header, 100, 8, mode);
  writeOctal(header, 108, 8, 0);
  writeOctal(header, 116, 8, 0);
  writeOctal(header, 124, 12, size);
  writeOctal(header, 136, 12, 0);
  header.fill(" ", 148, 156);
  header.write(type, 156, "latin1");
  header.write(target, 157, 100, "latin1");
  header.write("ustar\u000000", 257, "latin1");
  writeOctal(header, 329, 8, 0);
  writeOctal(header, 337, 8, 0);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return header;
}

function writeOctal(header: Buffer, at: number, width: number, value: number): void {
  header.write(`${value.toString(8).padStart(width - 1, "0")}\0`, at, "latin1");
}

/** `LENGTH KEY=VALUE\n`, where the length counts its own digits. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + 1;
  while (rest + String(length).length !== length) length = rest + String(length).length;
  return Buffer.from(`${length} ${key}=${value}\n`);
}

function padding(length: number): Uint8Array {
  return new Uint8Array((block - (length % block)) % block);
}
