/** @file Does what the commands on versions of data are asked. */
import {
  checkout,
  diff,
  diffText,
  gc,
  list,
  listText,
  modelsOf,
  registeredModelsOf,
  remove,
  snapshot,
  snapshotText,
  type StoreOptions,
} from "../../ml/data-versions/index.ts";
import type {
  CollectGarbageOptions,
  ModelsOfDataOptions,
  SnapshotCommandOptions,
  TakeSnapshotOptions,
} from "../commands/data-snapshots.ts";
import { withRefusals } from "../refusals.ts";
import { Terminal } from "../terminal.ts";

/** Takes a snapshot. @throws {CommandFailure} */
export async function takeSnapshot(path: string, options: TakeSnapshotOptions): Promise<void> {
  const { name } = options;
  const taken = await within(options, async (store) =>
    snapshot(path, { ...store, ...(name !== undefined && { name }) }),
  );
  show(options, taken, snapshotText(taken));
}

/** Lists snapshots. @throws {CommandFailure} */
export async function listSnapshots(options: SnapshotCommandOptions): Promise<void> {
  const found = await within(options, list);
  show(options, found, found.length === 0 ? "There are no snapshots." : listText(found));
}

/** Compares snapshots. @throws {CommandFailure} */
export async function diffSnapshots(
  before: string,
  after: string,
  options: SnapshotCommandOptions,
): Promise<void> {
  const difference = await within(options, async (store) => diff(before, after, store));
  const [a, b] = [difference.before, difference.after].map(({ id, digest }) => ({ id, digest }));
  show(options, { ...difference, before: a, after: b }, diffText(difference));
}

/** Writes a snapshot's content. @throws {CommandFailure} */
export async function checkoutSnapshot(
  reference: string,
  to: string,
  options: SnapshotCommandOptions,
): Promise<void> {
  const { id, digest, files } = await within(options, async (store) => checkout(reference, to, store));
  show(
    options,
    { id, digest, to, files: files.length },
    `Wrote ${to}: ${files.length} ${files.length === 1 ? "file" : "files"} of ${id}`,
  );
}

/** Tells which models were made of a snapshot. @throws {CommandFailure} */
export async function showModelsOf(reference: string, options: ModelsOfDataOptions): Promise<void> {
  const { registry, in: folders = registry === undefined ? ["models"] : [] } = options;
  const found = await within(options, async (store) => ({
    directories: await modelsOf(reference, folders, store),
    registered: registry === undefined ? [] : await registeredModelsOf(reference, registry, store),
  }));
  const lines = [
    ...found.directories.map(({ directory, run }) => lineOf(directory, run)),
    ...found.registered.map(({ name, version, run }) => lineOf(`models:/${name}/${version}`, run)),
  ];
  const places = [...folders, ...(registry === undefined ? [] : [registry])].join(", ");
  show(options, found, lines.length === 0 ? `No model in ${places} names it.` : lines.join("\n"));
}

function lineOf(model: string, run: string | undefined): string {
  return run === undefined ? model : `${model}  run ${run}`;
}

/** Removes snapshots and what none needs. @throws {CommandFailure} */
export async function collectGarbage(options: CollectGarbageOptions): Promise<void> {
  const collected = await within(options, async (store) => {
    const removed: string[] = [];
    for (const reference of options.remove ?? []) removed.push((await remove(reference, store)).id);
    return { removed, ...(await gc(store)) };
  });
  const { removed, objects, bytes } = collected;
  const lines = removed.map((id) => `Removed ${id}`);
  show(options, collected, [...lines, `Removed ${objects} contents, ${bytes} bytes`].join("\n"));
}

async function within<T>(
  { store }: SnapshotCommandOptions,
  run: (options: StoreOptions) => Promise<T>,
): Promise<T> {
  return await withRefusals(async (signal) => run({ signal, ...(store !== undefined && { store }) }));
}

function show({ json }: SnapshotCommandOptions, result: unknown, text: string): void {
  new Terminal(process.stdout).line(json === true ? JSON.stringify(result, undefined, 2) : text);
}
