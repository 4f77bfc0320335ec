/** @file The stores that this process speaks to, each once; what dead processes have left for one is sent when it is first used. */
import { existsSync } from "node:fs";
import { embeddedApi } from "./embedded-api.ts";
import { journalFolder } from "./journal/journal-folder.ts";
import { type Replayed, replayFolder } from "./journal/replay.ts";
import { serverApi } from "./server-api.ts";
import type { TrackingApi } from "./tracking-api.ts";
import { type TrackingLocation, trackingLocation } from "./tracking-uri.ts";
import { warn } from "./warn.ts";

export interface Connection {
  readonly api: TrackingApi;
  readonly journalFolder: string;
}

/** What is sent from journals, one after another for each store. */
const replays = new WeakMap<Connection, Promise<unknown>>();

const connections = new Map<string, Connection>();

/** The store that is logged to, or the one of a URI. */
export function connect(trackingUri?: string): Connection {
  const location = trackingLocation(trackingUri);
  const key = keyOf(location);
  const known = connections.get(key);
  if (known) return known;
  const connection = connectionTo(location);
  connections.set(key, connection);
  // In the background: a start doesn't wait for what others have left.
  if (existsSync(connection.journalFolder))
    replayOf(connection).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      warn(`journals of earlier processes are in ${connection.journalFolder} still: ${reason}`);
    });
  return connection;
}

/** Lets go of a store, for tests: nothing may be under way. */
export async function disconnect(trackingUri?: string): Promise<void> {
  const key = keyOf(trackingLocation(trackingUri));
  const connection = connections.get(key);
  connections.delete(key);
  await connection?.api.close();
}

/**
 * Sends what the journals of processes that are gone hold for a store. It is done in the background when a store is first used;
 * this waits for it.
 * @throws {@link TrackingUnavailableError} where the store doesn't answer: they stay for the next time
 */
export async function replayJournals(trackingUri?: string): Promise<Replayed> {
  return replayOf(connect(trackingUri));
}

async function replayOf(connection: Connection): Promise<Replayed> {
  const before = replays.get(connection) ?? Promise.resolve();
  const replayed = before.then(() => replayFolder(connection.api, connection.journalFolder));
  replays.set(
    connection,
    replayed.catch(() => {}),
  );
  return replayed;
}

/** A server asked as another user is another store. */
function keyOf(location: TrackingLocation): string {
  const user = location.kind === "server" ? location.authorization : undefined;
  return user === undefined ? location.name : `${location.name} ${user}`;
}

function connectionTo(location: TrackingLocation): Connection {
  const api = location.kind === "folder" ? embeddedApi(location) : serverApi(location);
  return { api, journalFolder: journalFolder(location) };
}
