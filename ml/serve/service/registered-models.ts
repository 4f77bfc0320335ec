/** @file Models by the names that a registry's store has for them: `models:/NAME@ALIAS`, `models:/NAME/VERSION`, `models:/NAME`. */
import { InvalidInputError } from "../../errors.ts";
import type { ModelFolder, OpenModelFolder } from "../../registry/governance/model-folder.ts";
import type { Store } from "../../registry/index.ts";
import type { ModelSource } from "./load-package.ts";

/** Whether a text is such a name. */
export function isRegistered(path: string): boolean {
  return path.startsWith("models:/");
}

/** A version in a store, with the aliases that it was asked by. */
export type RegisteredSource = ModelSource & { readonly aliases: readonly string[] };

/** A registry's store, opened when it is asked. */
export class RegisteredModels {
  readonly #folder: string;
  #store: Promise<Store> | undefined;
  /** Versions don't change: the files of each are fetched once. */
  readonly #folders = new Map<string, OpenModelFolder>();

  /** @param folder that of the store */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * The version that a name stands for now, and the aliases that point to it.
   * @throws {@link InvalidInputError} where there is none, or its files are on another machine
   */
  async find(uri: string): Promise<RegisteredSource> {
    const parts = /^models:\/+([^/@]+)(?:@([^/@]+)|\/([^/@]+))?$/.exec(uri);
    if (!parts)
      throw new InvalidInputError(`${uri} is none of models:/NAME, models:/NAME/VERSION, models:/NAME@ALIAS`);
    const [, name = "", alias, version] = parts;
    const { openStore } = await import("../../registry/index.ts");
    const { getModelVersion, getVersionByAlias } = await import("../../registry/store/model-versions.ts");
    const store = await (this.#store ??= openStore(this.#folder));
    try {
      const found =
        version === undefined
          ? await getVersionByAlias(store, name, alias ?? "latest")
          : await getModelVersion(store, name, version);
      const place = await this.#folderOf(store, found.name, found.version);
      if ("unreadable" in place) throw new InvalidInputError(place.unreadable);
      const aliases = alias === undefined ? [] : [alias];
      const registeredAliases = [...new Set([...(found.aliases ?? []), ...aliases])];
      return { name, version: found.version, directory: place.folder, aliases, registeredAliases };
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new InvalidInputError(`${uri}: ${reason}`, { cause });
    }
  }

  async #folderOf(store: Store, name: string, version: string): Promise<ModelFolder> {
    const key = JSON.stringify([name, version]);
    const known = this.#folders.get(key);
    if (known) return known.found;
    const { openModelFolder } = await import("../../registry/governance/model-folder.ts");
    const opened = await openModelFolder(store, name, version);
    // Files that can't be read now may be there the next time.
    if ("folder" in opened.found) this.#folders.set(key, opened);
    else await opened[Symbol.asyncDispose]();
    return opened.found;
  }

  /** Removes what was fetched, and lets the store go. */
  async close(): Promise<void> {
    for (const folder of this.#folders.values()) await folder[Symbol.asyncDispose]();
    this.#folders.clear();
    const store = await this.#store;
    await store?.close();
  }
}
