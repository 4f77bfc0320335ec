/** @file Names that nothing in a model has yet. */
import type { ParsedGraph } from "./parsed-model.ts";

/** The names of a model's values and nodes. */
export class FreshNames {
  readonly #taken = new Set<string>();
  /** The last number that a name was given. */
  readonly #counts = new Map<string, number>();

  /** Takes all names of a graph and of the graphs in it. */
  reserveAll(graph: ParsedGraph): void {
    for (const { name } of [...graph.inputs, ...graph.outputs, ...graph.initializers]) this.#taken.add(name);
    for (const node of graph.nodes) {
      this.#taken.add(node.name);
      for (const name of node.inputs) this.#taken.add(name);
      for (const name of node.outputs) this.#taken.add(name);
      for (const attribute of node.attributes.values()) {
        if ("graph" in attribute) this.reserveAll(attribute.graph);
      }
    }
  }

  /** This name, or one like it where it is taken; nobody else gets it afterwards. */
  fresh(name: string): string {
    let free = name;
    let count = this.#counts.get(name) ?? 1;
    while (this.#taken.has(free)) free = `${name}_${++count}`;
    this.#taken.add(free);
    // Where it stopped, so that many of one name are not counted through again and again.
    if (count > 1) this.#counts.set(name, count);
    return free;
  }
}
