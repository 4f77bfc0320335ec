import type { MimeBundle } from "../notebook-host.ts";
import type { Lineage } from "../package/evidence.ts";
import type { Manifest, SnapshotFile, SnapshotTable } from "./manifest.ts";
import { snapshotText } from "./snapshot-text.ts";

/** A snapshot in a store: what its manifest says. */
export class Snapshot {
  /** `NAME@` and the digest's first twelve digits: what people and commands call it. */
  readonly id: string;
  readonly name: string;
  /** SHA-256 of the content: the same wherever the same files are taken. */
  readonly digest: string;
  readonly createdAt: Date;
  readonly kind: Manifest["kind"];
  readonly files: readonly SnapshotFile[];
  readonly tables: readonly SnapshotTable[];

  /** @internal */
  constructor(manifest: Manifest) {
    this.name = manifest.name;
    this.digest = manifest.digest;
    this.id = `${manifest.name}@${manifest.digest.slice(0, 12)}`;
    this.createdAt = new Date(manifest.createdAt);
    this.kind = manifest.kind;
    this.files = manifest.files;
    this.tables = manifest.tables;
  }

  /** Bytes of all files. */
  get size(): number {
    return this.files.reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * What a model's lineage says of it.
   * @example
   * await writeModel("models/risk", fitted, { lineage: { data: [flights.lineage] } });
   */
  get lineage(): NonNullable<Lineage["data"]>[number] {
    return { name: this.name, digest: this.digest };
  }

  toJSON(): unknown {
    const { id, name, digest, createdAt, kind, files, tables } = this;
    return { id, name, digest, createdAt: createdAt.toISOString(), kind, files, tables };
  }

  [Symbol.for("Jupyter.display")](): MimeBundle {
    return { "text/plain": snapshotText(this) };
  }
}
