/** @file Errors of a run said in terms of the user's program: the operator, its operands' shapes and the line. */
import { isAbsolute, relative, resolve as resolvePath, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { RuntimeError } from "./errors.ts";
import { showShape } from "./shape.ts";
import type { Node } from "./value.ts";

const library = fileURLToPath(new URL("..", import.meta.url));

/**
 * The place in the user's program where an operator was applied, such as `train.ts:12:5` or `Cell [3]:2:9`: the first
 * frame outside this library. Undefined where the stack shows none.
 */
export function userPlace(site: Error): string | undefined {
  const frames = (site.stack ?? "").split("\n").slice(1);
  for (const frame of frames) {
    const place =
      /\(([^()]+:\d+:\d+)\)\s*$/.exec(frame)?.[1] ?? /^\s*at (?:async )?(\S.*:\d+:\d+)\s*$/.exec(frame)?.[1];
    if (place === undefined || /^node:|^native/.test(place)) continue;
    const path = pathOf(place);
    if (path.startsWith(library)) continue;
    const fromHere = isAbsolute(path) ? relative(process.cwd(), path) : path;
    return fromHere.startsWith("..") ? path : fromHere;
  }
  return undefined;
}

function pathOf(place: string): string {
  if (place.startsWith("file:")) return fileURLToPath(place);
  // The kernel shows files below the notebook's folder from there.
  return place.startsWith(`.${sep}`) || place.startsWith("./") ? resolvePath(place) : place;
}

/**
 * An error of ONNX Runtime that names a node, as one that names the operator, the shapes and the user's line.
 * @param nodes the program's nodes by the names that they were written under
 */
export function explain(error: unknown, nodes: ReadonlyMap<string, Node>): unknown {
  if (!(error instanceof RuntimeError)) return error;
  const name = error.message.match(/\b\w+_\d+\b/g)?.find((each) => nodes.has(each));
  const node = name === undefined ? undefined : nodes.get(name);
  if (!node) return error;
  const status = /Status Message: (.*)$/.exec(error.message)?.[1] ?? error.message;
  return new RuntimeError(`${describeNode(node)} failed: ${status}`, { cause: error });
}

/** An operator with what it was applied to and where, as the subject of a sentence. */
export function describeNode(node: Node): string {
  const operands = node.inputs.map((each) => (each ? `${each.dtype} ${showShape(each.shape)}` : "nothing"));
  const place = userPlace(node.site);
  const at = place === undefined ? "" : `, applied at ${place},`;
  return `${node.operator} of ${operands.join(" and ")}${at}`;
}
