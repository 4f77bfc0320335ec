/** @file The store that a command works on. */
import { resolve } from "node:path";
import {
  MlflowError,
  NewerStoreError,
  openStore,
  S3Error,
  StorageSettingsError,
  type Store,
} from "../../ml/registry/index.ts";
import { CommandFailure, describeFileError, exitCode } from "../failure.ts";
import type { StorePlace } from "../commands/server-users.ts";

/** Opens a store for `use`, and closes it. Throws {@link CommandFailure} with what is wrong, in one line. */
export async function withStore<T>(
  { folder, store: url, artifacts }: StorePlace,
  use: (store: Store) => Promise<T>,
): Promise<T> {
  const path = resolve(folder);
  let store: Store;
  try {
    store = await openStore(path, {
      ...(url !== undefined && { database: url }),
      ...(artifacts !== undefined && { artifacts }),
    });
  } catch (error) {
    throw new CommandFailure(describeStoreError(error, path, url), exitCode.failed, { cause: error });
  }
  try {
    return await use(store);
  } catch (error) {
    if (error instanceof MlflowError)
      throw new CommandFailure(error.message, exitCode.failed, { cause: error });
    throw error;
  } finally {
    await store.close();
  }
}

/** Why a store cannot be opened, in a person's words and without the password that its URL may hold. */
export function describeStoreError(error: unknown, folder: string, url: string | undefined): string {
  for (const told of [MlflowError, NewerStoreError, S3Error, StorageSettingsError])
    if (error instanceof told) return error.message;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "SQLITE_CANTOPEN" || code === "SQLITE_READONLY") return `${folder}: permission denied`;
  if (code === "SQLITE_NOTADB" || code === "SQLITE_CORRUPT") return `${folder}/tenon.db is no store of runs`;
  // The system's errors of files have a path.
  if (url === undefined || (error instanceof Error && "path" in error))
    return describeFileError(error, folder);
  return `${withoutPassword(url)}: ${error instanceof Error ? error.message || String(code) : String(error)}`;
}

/** A URL as it may be shown. */
export function withoutPassword(url: string): string {
  return url.replace(/^(\w+:\/\/[^/?#@]*?):[^/?#]*@/, "$1:…@").replaceAll(/([?&]password=)[^&]*/gi, "$1…");
}
