/**
 * @file Scans of one step that differ only in which of its values they give are run as one: a scan and the one that its
 * gradient makes to save more of the same step.
 */
import { applyScan, readScan, type ScanParts } from "./ops/scan.ts";
import { resolve, type Node, type Value } from "./value.ts";

interface Group {
  readonly parts: ScanParts;
  readonly members: Map<Node, ScanParts>;
}

/** For outputs of Scans that are run together: the outputs of the one that is run for them. */
export function mergeScans(order: readonly Value[]): ReadonlyMap<Value, Value> {
  const groups: Group[] = [];
  for (const { source } of order) {
    if (source.kind !== "node" || source.node.operator !== "Scan") continue;
    const { node } = source;
    const parts = readScan(node);
    if (!parts) continue;
    const group = groups.find((each) => areOneStep(each.parts, parts));
    if (group) group.members.set(node, parts);
    else groups.push({ parts, members: new Map([[node, parts]]) });
  }
  const merged = new Map<Value, Value>();
  for (const group of groups) if (group.members.size > 1) merge(group, merged);
  return merged;
}

function areOneStep(a: ScanParts, b: ScanParts): boolean {
  return (
    // Whoever saves more of a step keeps its very inputs.
    a.body.inputs === b.body.inputs &&
    a.reverse === b.reverse &&
    same(a.initial, b.initial) &&
    same(a.sequences, b.sequences) &&
    same(a.body.outputs.slice(0, a.initial.length), b.body.outputs.slice(0, b.initial.length))
  );
}

function same(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((value, index) => resolve(value) === resolve(b[index] ?? value));
}

function merge({ parts, members }: Group, merged: Map<Value, Value>): void {
  const carries = parts.initial.length;
  const given = new Set(
    [...members.values()].flatMap(({ body }) => body.outputs.slice(carries).map((value) => resolve(value))),
  );
  const outputs = [...parts.body.outputs.slice(0, carries), ...given];
  const whole = applyScan({ ...parts, body: { inputs: parts.body.inputs, outputs } });
  for (const [node, { body }] of members) {
    for (const [index, value] of body.outputs.entries()) {
      const from = node.outputs[index];
      const to = whole[index < carries ? index : outputs.indexOf(resolve(value), carries)];
      if (from && to) merged.set(from, to);
    }
  }
}
