import { sanitizeStyleSheet } from "./sanitize-css.ts";

/** Style sheets that came with outputs: each applies inside its own outputs only, and is written once. */
export class ScopedStyles {
  readonly #scopes = new Map<string, Set<string>>();

  /** Adds an output's style sheet, sanitised. */
  add(sheet: string, scopeId: string): void {
    const safe = sanitizeStyleSheet(sheet);
    if (safe === "") return;
    const scopes = this.#scopes.get(safe) ?? new Set();
    this.#scopes.set(safe, scopes.add(`#${scopeId}`));
  }

  toString(): string {
    return [...this.#scopes]
      .map(([sheet, scopes]) => `@scope (${[...scopes].join(", ")}) {\n${sheet}\n}`)
      .join("\n");
  }
}
