/**
 * @file Trees of tensors: a tensor, or arrays and plain objects of trees. Parameters, batches and results of functions
 * have this form; their types stay what the user wrote.
 */
import { GraphError } from "./errors.ts";
import { Tensor } from "./tensor.ts";

/** A tensor, or arrays and objects of trees. */
export type Tree = Tensor | readonly Tree[] | { readonly [name: string]: Tree };

/** The path of a tree that is one tensor. */
const onlyTensor = "value";

/** The tensors of a tree by their paths, such as `layers.0.weight`; names of objects in the order they were written. */
export function leaves(tree: Tree, path = ""): [path: string, tensor: Tensor][] {
  if (tree instanceof Tensor) return [[path === "" ? onlyTensor : path, tree]];
  requireBranches(tree, path);
  return Object.entries(tree).flatMap(([name, branch]) =>
    leaves(branch, path === "" ? name : `${path}.${name}`),
  );
}

/** The tensors of a tree. */
export function tensors(tree: Tree): Tensor[] {
  return leaves(tree).map(([, tensor]) => tensor);
}

/** A tree of the same form whose tensors are replaced, in the order of {@link leaves}. */
export function mapTree<T extends Tree>(
  tree: T,
  map: (tensor: Tensor, path: string) => Tensor,
  path = "",
): T {
  // SAFETY: the copy has the form of the tree that it is mapped from.
  return mapAny(tree, map, path) as T;
}

function mapAny(tree: Tree, map: (tensor: Tensor, path: string) => Tensor, path: string): Tree {
  if (tree instanceof Tensor) return map(tree, path === "" ? onlyTensor : path);
  requireBranches(tree, path);
  const at = (name: string): string => (path === "" ? name : `${path}.${name}`);
  if (Array.isArray(tree))
    return (tree as readonly Tree[]).map((branch, index) => mapAny(branch, map, at(String(index))));
  return Object.fromEntries(
    Object.entries(tree as { readonly [name: string]: Tree }).map(([name, branch]) => [
      name,
      mapAny(branch, map, at(name)),
    ]),
  );
}

/** What is called without types may hold anything. */
function requireBranches(tree: unknown, path: string): void {
  const prototype: unknown =
    typeof tree === "object" && tree !== null ? Object.getPrototypeOf(tree) : undefined;
  if (Array.isArray(tree) || prototype === Object.prototype || prototype === null) return;
  throw new GraphError(`${path === "" ? "the tree" : `"${path}"`} is ${describe(tree)}, not a tensor`);
}

/** A value that should be something else, in an error's words. */
export function describe(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (value instanceof Promise) return "a promise (of an async function?)";
  if (typeof value !== "object") return `a ${typeof value}`;
  if (Array.isArray(value)) return "an array";
  const { name } = value.constructor;
  return name === "Object" ? "an object" : `a ${name}`;
}
