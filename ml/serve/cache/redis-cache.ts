/** @file Redis as a shared cache, by the package `redis` or `ioredis`, whichever the project has. */
import { pathToFileURL } from "node:url";
import { InvalidInputError } from "../../errors.ts";
import { findPackage } from "../../find-package.ts";
import type { SharedCache } from "./cached-infer.ts";

/** What is used of the package `redis`. */
interface NodeRedis {
  createClient(options: object): {
    on(event: "error", listener: (error: unknown) => void): unknown;
    connect(): Promise<unknown>;
    get(key: string): Promise<string | null>;
    set(key: string, value: string, options: { readonly PX: number }): Promise<unknown>;
    sendCommand(command: readonly string[]): Promise<unknown>;
    destroy(): unknown;
  };
}

/** What is used of the package `ioredis`. */
interface IoRedis {
  readonly Redis: new (
    url: string,
    options: object,
  ) => {
    on(event: "error", listener: (error: unknown) => void): unknown;
    connect(): Promise<unknown>;
    get(key: string): Promise<string | null>;
    set(key: string, value: string, unit: "PX", milliseconds: number): Promise<unknown>;
    call(...command: string[]): Promise<unknown>;
    disconnect(): unknown;
  };
}

/**
 * Opens a cache in Redis. Its loss later is no error: what isn't found is computed.
 * @param onError told when the connection is lost or can't be made again
 * @throws {InvalidInputError} where neither package is installed, or the server can't be reached
 */
export async function openRedisCache(url: string, onError: (error: unknown) => void): Promise<SharedCache> {
  const name = ["redis", "ioredis"].find((each) => findPackage(each) !== undefined);
  const path = name === undefined ? undefined : findPackage(name);
  if (path === undefined)
    throw new InvalidInputError("a cache in Redis needs the package `redis` or `ioredis`: npm install redis");
  // SAFETY: the packages' own interfaces; what is not there fails with the package's name in the stack.
  const loaded = (await import(pathToFileURL(path).href)) as { readonly default?: object };
  try {
    if (name === "redis") return await byNodeRedis(pick<NodeRedis>(loaded, "createClient"), url, onError);
    return await byIoRedis(pick<IoRedis>(loaded, "Redis"), url, onError);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidInputError(`Redis at ${withoutPassword(url)} cannot be reached: ${reason}`, { cause });
  }
}

async function byNodeRedis(
  redis: NodeRedis,
  url: string,
  onError: (error: unknown) => void,
): Promise<SharedCache> {
  const state = { isOpen: false };
  const client = redis.createClient({
    url,
    // Commands fail at once while there is no connection, and nothing piles up.
    disableOfflineQueue: true,
    socket: {
      connectTimeout: 5000,
      reconnectStrategy: (tries: number) => (state.isOpen ? Math.min(5000, 100 * 2 ** tries) : false),
    },
  });
  client.on("error", onError);
  await client.connect();
  state.isOpen = true;
  return {
    get: async (key) => (await client.get(key)) ?? undefined,
    set: async (key, value, milliseconds) => {
      await client.set(key, value, { PX: Math.ceil(milliseconds) });
    },
    removeAll: (prefix) => removeAll(prefix, (command) => client.sendCommand(command)),
    close: async () => {
      client.destroy();
    },
  };
}

async function byIoRedis(
  { Redis }: IoRedis,
  url: string,
  onError: (error: unknown) => void,
): Promise<SharedCache> {
  const state = { isOpen: false };
  const client = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 5000,
    retryStrategy: (tries: number) => (state.isOpen ? Math.min(5000, 100 * 2 ** tries) : undefined),
  });
  client.on("error", onError);
  await client.connect();
  state.isOpen = true;
  return {
    get: async (key) => (await client.get(key)) ?? undefined,
    set: async (key, value, milliseconds) => {
      await client.set(key, value, "PX", Math.ceil(milliseconds));
    },
    removeAll: (prefix) => removeAll(prefix, (command) => client.call(...command)),
    close: async () => {
      client.disconnect();
    },
  };
}

/** Walks the keys a few at a time, for Redis does nothing else while it walks. */
async function removeAll(
  prefix: string,
  send: (command: readonly string[]) => Promise<unknown>,
): Promise<void> {
  const pattern = `${prefix.replaceAll(/[\\*?[\]]/g, "\\$&")}*`;
  let cursor = "0";
  do {
    const [next, keys] = scanned(await send(["SCAN", cursor, "MATCH", pattern, "COUNT", "500"]));
    if (keys.length > 0) await send(["UNLINK", ...keys]);
    cursor = next;
  } while (cursor !== "0");
}

function scanned(answer: unknown): readonly [cursor: string, keys: readonly string[]] {
  if (!Array.isArray(answer) || !Array.isArray(answer[1])) throw new InvalidInputError("SCAN gave no keys");
  return [String(answer[0]), answer[1].map(String)];
}

function pick<T extends object>(loaded: { readonly default?: object }, name: keyof T & string): T {
  // SAFETY: see above; CommonJS packages may have their names under `default`.
  return (name in loaded ? loaded : loaded.default) as T;
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, "//");
}
