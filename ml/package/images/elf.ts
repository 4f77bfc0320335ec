/**
 * @file What an ELF program or library needs to be loaded: its interpreter and the names of its libraries, by the ELF
 * specification (System V ABI, chapters 4 and 5). Everything read is bounds-checked: the file may be hostile.
 */
import { type FileHandle, open } from "node:fs/promises";
import { ImageError } from "./image-error.ts";

/** The parts of an ELF file that loading is about. */
export interface ElfFile {
  /** 64 or 32. */
  readonly bits: 32 | 64;
  /** `e_machine`: 62 is x86-64, 183 is AArch64. */
  readonly machine: number;
  /** The program interpreter, that is the dynamic loader; undefined for libraries and static programs. */
  readonly interpreter: string | undefined;
  /** `DT_NEEDED`, in order. */
  readonly needed: readonly string[];
  /** `DT_RUNPATH`, or `DT_RPATH` where there is none. */
  readonly runPath: readonly string[];
}

const largestSegment = 16 << 20;
const segment = { load: 1, dynamic: 2, interpreter: 3 } as const;
const tag = { end: 0n, needed: 1n, stringTable: 5n, stringSize: 10n, rpath: 15n, runPath: 29n } as const;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

/**
 * Reads an ELF file; undefined for files that are none.
 * @throws {@link ImageError} for damaged ones and for big-endian machines
 */
export async function readElf(path: string): Promise<ElfFile | undefined> {
  const file = await open(path);
  try {
    const start = Buffer.alloc(64);
    const { bytesRead } = await file.read(start, 0, 64, 0);
    if (bytesRead < 52 || start.readUInt32BE(0) !== 0x7f454c46) return undefined;
    return await new ElfReader(path, file, start).read();
  } finally {
    await file.close();
  }
}

class ElfReader {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #header: Buffer;
  readonly #wide: boolean;

  constructor(path: string, file: FileHandle, header: Buffer) {
    this.#path = path;
    this.#file = file;
    this.#header = header;
    this.#wide = header[4] === 2;
  }

  async read(): Promise<ElfFile> {
    const header = this.#header;
    if (header[5] !== 1 || (header[4] !== 1 && header[4] !== 2))
      throw this.#error("is no little-endian ELF file");
    const segments = await this.#segments();
    const interpreterSegment = segments.find(({ type }) => type === segment.interpreter);
    const interpreter =
      interpreterSegment === undefined ? undefined : text(await this.#contents(interpreterSegment), 0);
    return {
      bits: this.#wide ? 64 : 32,
      machine: header.readUInt16LE(18),
      interpreter,
      ...(await this.#dynamic(segments)),
    };
  }

  async #segments(): Promise<readonly Segment[]> {
    const header = this.#header;
    const offset = this.#number(header, this.#wide ? 32 : 28);
    const entrySize = header.readUInt16LE(this.#wide ? 54 : 42);
    const count = header.readUInt16LE(this.#wide ? 56 : 44);
    if (entrySize < (this.#wide ? 56 : 32)) throw this.#error("has a damaged header");
    const table = await this.#bytes(offset, entrySize * count);
    return Array.from({ length: count }, (_, at) => {
      const entry = table.subarray(at * entrySize);
      return {
        type: entry.readUInt32LE(0),
        offset: this.#number(entry, this.#wide ? 8 : 4),
        address: this.#number(entry, this.#wide ? 16 : 8),
        size: this.#number(entry, this.#wide ? 32 : 16),
      };
    });
  }

  async #dynamic(segments: readonly Segment[]): Promise<Pick<ElfFile, "needed" | "runPath">> {
    const dynamic = segments.find(({ type }) => type === segment.dynamic);
    if (dynamic === undefined) return { needed: [], runPath: [] };
    const bytes = await this.#contents(dynamic);
    const width = this.#wide ? 8 : 4;
    const values = new Map<bigint, number[]>();
    for (let at = 0; at + 2 * width <= bytes.length; at += 2 * width) {
      const key = this.#wide ? bytes.readBigInt64LE(at) : BigInt(bytes.readInt32LE(at));
      if (key === tag.end) break;
      const found = values.get(key) ?? [];
      found.push(this.#number(bytes, at + width));
      values.set(key, found);
    }
    const address = values.get(tag.stringTable)?.[0];
    const size = values.get(tag.stringSize)?.[0];
    if (address === undefined || size === undefined) return { needed: [], runPath: [] };
    const holder = segments.find(
      ({ type, address: from, size: length }) =>
        type === segment.load && address >= from && address + size <= from + length,
    );
    if (holder === undefined) throw this.#error("has its names outside its segments");
    const names = await this.#bytes(holder.offset + address - holder.address, size);
    const name = (at: number): string => {
      if (at >= size) throw this.#error("has a name outside its names");
      return text(names, at);
    };
    const paths = values.get(tag.runPath) ?? values.get(tag.rpath) ?? [];
    return {
      needed: (values.get(tag.needed) ?? []).map(name),
      runPath: paths.flatMap((at) => name(at).split(":")).filter((path) => path !== ""),
    };
  }

  #contents({ offset, size }: Segment): Promise<Buffer> {
    return this.#bytes(offset, size);
  }

  async #bytes(offset: number, length: number): Promise<Buffer> {
    if (length > largestSegment) throw this.#error("has a damaged header");
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await this.#file.read(bytes, 0, length, offset);
    if (bytesRead < length) throw this.#error("is cut off");
    return bytes;
  }

  #number(bytes: Buffer, at: number): number {
    if (!this.#wide) return bytes.readUInt32LE(at);
    const value = bytes.readBigUInt64LE(at);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.#error("has a damaged header");
    return Number(value);
  }

  #error(what: string): ImageError {
    return new ImageError(`${this.#path} ${what}`);
  }
}

function text(bytes: Buffer, at: number): string {
  const end = bytes.indexOf(0, at);
  return bytes.toString("utf8", at, end === -1 ? bytes.length : end);
}
