/** @file Names that only exist in generated modules, and how they are taken out of messages again. */
import type { Binding } from "./binding.ts";

const prefix = "$tenon";

/** The name under which a cell's module exports a variable's value as the cell left it. */
export function valueName(name: string): string {
  return `${prefix}_${name}`;
}

/** The name of a settled declaration; the cell's number keeps it apart from later ones of the same name. */
export function settledName({ name, module }: Binding): string {
  return `${prefix}${module.id}_${name}`;
}

/** The name of a settled declaration's narrowed value. */
export function settledValueName({ name, module }: Binding): string {
  return `${prefix}${module.id}v_${name}`;
}

/** True for names that no user wrote. */
export function isGenerated(name: string): boolean {
  return /^\$tenon\d*v?_/.test(name);
}

/** The file name of a cell's module. */
export function moduleFile(id: number): string {
  return `cell-${id}.ts`;
}

/** The module of all settled declarations. */
export const settledFile = "settled.ts";

/** Takes generated names and the paths of generated modules out of a text that people read. */
export function withoutGenerated(text: string): string {
  return text
    .replaceAll(/\bimport\("[^"]*\/(?:cell(?:-\d+)?|settled)"\)\./g, "")
    .replaceAll(/\btypeof import\("[^"]*\/(?:cell(?:-\d+)?|settled)"\)/g, "the notebook")
    .replaceAll(/\$tenon\d*v?_(?=[\p{ID_Start}$_])/gu, "");
}
