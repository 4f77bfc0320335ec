/** @file Finding snapshots: all of a store, or the one that a person means. */
import { DataVersionError } from "./errors.ts";
import { SnapshotStore, type StoreOptions } from "./store.ts";
import { Snapshot } from "./taken-snapshot.ts";

/** All snapshots of a store, the latest first. */
export async function list({ store, signal }: StoreOptions = {}): Promise<readonly Snapshot[]> {
  const folder = new SnapshotStore(store);
  const found: Snapshot[] = [];
  for (const { name, digest } of await folder.names()) {
    signal?.throwIfAborted();
    found.push(new Snapshot(await folder.manifest(name, digest)));
  }
  return found.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? -1 : 1));
}

/**
 * The snapshot that is meant by `NAME@DIGEST`, a digest, or a name (the latest of it); of a digest four digits are enough where
 * no other begins with them.
 * @throws {@link DataVersionError} where there is none, or more than one
 */
export async function find(reference: string, options: StoreOptions = {}): Promise<Snapshot> {
  const store = new SnapshotStore(options.store);
  const known = await store.names();
  const [name, prefix] = splitReference(reference);
  const digests = known.filter(
    (each) =>
      (name === undefined || each.name === name) && prefix !== undefined && each.digest.startsWith(prefix),
  );
  const named = known.filter((each) => each.name === reference);
  const candidates = digests.length > 0 ? digests : named;
  const [first] = candidates;
  if (first === undefined) {
    const there = known.length === 0 ? "it holds none" : `it holds ${known.length}`;
    throw new DataVersionError(reference, `there is no such snapshot in ${store.folder} (${there})`);
  }
  if (digests.length > 0 && new Set(digests.map(({ digest }) => digest)).size > 1)
    throw new DataVersionError(
      reference,
      `it could be any of ${digests.map((each) => `${each.name}@${each.digest.slice(0, 12)}`).join(", ")}`,
    );
  const snapshots = await Promise.all(
    candidates.map(async (each) => new Snapshot(await store.manifest(each.name, each.digest))),
  );
  // Of one content under several names any will do.
  return snapshots.reduce((latest, each) => (each.createdAt > latest.createdAt ? each : latest));
}

/** The name and the beginning of a digest that a reference says. */
function splitReference(reference: string): readonly [string | undefined, string | undefined] {
  const at = reference.lastIndexOf("@");
  const prefix = reference.slice(at + 1);
  const isDigest = /^[0-9a-f]{4,64}$/.test(prefix);
  return [at < 0 ? undefined : reference.slice(0, at), isDigest ? prefix : undefined];
}
