/**
 * @file Which cells are stale: what they show is not what they would show now.
 *
 * A name means the nearest earlier cell that defines it and has run; where there is none, whatever cell gave it its
 * value. A cell that has never run on this kernel shows nothing of it and is not stale.
 */
import type { NamedCell } from "./cell-names.ts";
import type { Binding, CellRuns, RunRecord } from "./run-record.ts";

/** Why a cell is stale. */
export interface Staleness {
  /** Its text is not the one that ran. */
  readonly edited: boolean;
  /** Names that it used and that have other values by now. */
  readonly changed: readonly string[];
  /** Names that it used and whose own cells are stale or have failed. */
  readonly outOfDate: readonly string[];
}

/** The stale cells, with the reasons. */
export function staleCells(cells: readonly NamedCell[], record: RunRecord): ReadonlyMap<string, Staleness> {
  const definers = definersInOrder(cells, record);
  const stale = new Map<string, Staleness>();
  // A name may come from a cell further down, whose own state the first pass does not know yet.
  for (let count = -1; count !== reasonCount(stale);) {
    count = reasonCount(stale);
    for (const cell of cells) {
      const runs = record.runs(cell.id);
      if (runs === undefined) continue;
      const reasons = staleness(cell, runs, definers.get(cell.id), record, stale);
      if (reasons !== undefined) stale.set(cell.id, reasons);
    }
  }
  return stale;
}

function reasonCount(stale: ReadonlyMap<string, Staleness>): number {
  let count = stale.size;
  for (const { outOfDate } of stale.values()) count += outOfDate.length;
  return count;
}

/** For each cell and each name that it uses, the nearest earlier cell that defines the name and has run. */
export function definersInOrder(
  cells: readonly NamedCell[],
  record: RunRecord,
): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const nearest = new Map<string, string>();
  const definers = new Map<string, ReadonlyMap<string, string>>();
  for (const { id, names } of cells) {
    const own = new Map<string, string>();
    for (const name of names.uses) {
      const definer = nearest.get(name);
      if (definer !== undefined) own.set(name, definer);
    }
    definers.set(id, own);
    const succeeded = record.runs(id)?.succeeded;
    if (succeeded === undefined) continue;
    for (const name of names.defines) nearest.set(name, id);
    for (const name of succeeded.defines) nearest.set(name, id);
  }
  return definers;
}

function staleness(
  { id, source, names }: NamedCell,
  { last }: CellRuns,
  definers: ReadonlyMap<string, string> | undefined,
  record: RunRecord,
  stale: ReadonlyMap<string, Staleness>,
): Staleness | undefined {
  const edited = source.trim() !== last.source.trim();
  const changed: string[] = [];
  const outOfDate: string[] = [];
  for (const name of names.uses) {
    const input = last.inputs.get(name);
    const definer = definers?.get(name) ?? input?.cell;
    if (definer === undefined || definer === id) continue;
    const runs = record.runs(definer);
    if (!edited && hasChanged(name, id, last.order, input, definers?.get(name), record)) changed.push(name);
    else if (stale.has(definer) || runs?.last.failed === true) outOfDate.push(name);
  }
  if (!edited && changed.length === 0 && outOfDate.length === 0) return undefined;
  return { edited, changed, outOfDate };
}

function hasChanged(
  name: string,
  cell: string,
  order: number,
  input: Binding | undefined,
  definer: string | undefined,
  record: RunRecord,
): boolean {
  if (definer === undefined) {
    // Run out of order on purpose: only a new value counts.
    const binding = record.binding(name);
    return input !== undefined && binding?.cell !== cell && binding?.order !== input.order;
  }
  const latest = record.runs(definer)?.succeeded?.order ?? 0;
  // A cell that goes on from its own last value is as good as its definer's last run before it.
  if (input === undefined || input.cell === cell) return latest > order;
  return input.cell !== definer || input.order !== latest;
}
