/**
 * @file What brings stale cells up to date: which cells run, in the order of the document, each once.
 *
 * These are the stale cells themselves; cells that failed and that stale cells need; and, where a name has two cells
 * that define it and has the other one's value when a cell is to run, the cell that gives it the right one.
 */
import type { NamedCell } from "./cell-names.ts";
import type { RunRecord } from "./run-record.ts";
import { definersInOrder, staleCells } from "./stale-cells.ts";

/** The ids of the cells to run for those in `wanted` to be up to date; all stale ones where not given. */
export function runPlan(
  cells: readonly NamedCell[],
  record: RunRecord,
  wanted: ReadonlySet<string> = new Set(staleCells(cells, record).keys()),
): readonly string[] {
  const definers = definersInOrder(cells, record);
  const chosen = new Set(wanted);
  for (let size = -1; size !== chosen.size;) {
    size = chosen.size;
    addNeeded(cells, definers, record, chosen);
  }
  return cells.filter(({ id }) => chosen.has(id)).map(({ id }) => id);
}

/** Goes through the plan as it would run, and adds what turns out to be missing. */
function addNeeded(
  cells: readonly NamedCell[],
  definers: ReadonlyMap<string, ReadonlyMap<string, string>>,
  record: RunRecord,
  chosen: Set<string>,
): void {
  const rebound = new Map<string, string>();
  for (const { id, names } of cells) {
    const own = [...(definers.get(id) ?? [])].filter(([, definer]) => definer !== id);
    if (!chosen.has(id)) {
      const isBehind = own.some(([, definer]) => chosen.has(definer));
      if (!isBehind || record.runs(id) === undefined) continue;
      chosen.add(id);
    }
    for (const [name, definer] of own) {
      const holder = rebound.get(name) ?? record.binding(name)?.cell;
      const isOther = holder !== undefined && holder !== definer && holder !== id;
      if (isOther || record.runs(definer)?.last.failed === true) chosen.add(definer);
    }
    for (const name of names.defines) rebound.set(name, id);
  }
}

/** The stale cells that depend on one of `roots`, directly or through others. */
export function staleDependents(
  cells: readonly NamedCell[],
  record: RunRecord,
  roots: ReadonlySet<string>,
): ReadonlySet<string> {
  const definers = definersInOrder(cells, record);
  const stale = staleCells(cells, record);
  const behind = new Set<string>();
  for (let size = -1; size !== behind.size;) {
    size = behind.size;
    for (const { id, names } of cells) {
      if (behind.has(id) || !stale.has(id)) continue;
      const inputs = record.runs(id)?.last.inputs;
      const isBehind = [...names.uses].some((name) => {
        const definer = definers.get(id)?.get(name) ?? inputs?.get(name)?.cell;
        return definer !== undefined && (roots.has(definer) || behind.has(definer));
      });
      if (isBehind) behind.add(id);
    }
  }
  return new Set([...behind].filter((id) => !roots.has(id)));
}
