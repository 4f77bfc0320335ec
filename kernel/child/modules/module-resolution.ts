/** @file Node's resolution of module specifiers. A module of its own: only modules have `import.meta.resolve`. */

/** The URL that a specifier means in the module at `parentUrl`, by Node's rules for imports. */
export function resolveFrom(specifier: string, parentUrl: string): string {
  // SAFETY: the second parameter is there under --experimental-import-meta-resolve, which the child is started with.
  const { resolve } = import.meta as unknown as { resolve: (specifier: string, parent: string) => string };
  return resolve(specifier, parentUrl);
}
