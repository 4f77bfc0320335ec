/** @file Runs that are logged while their process, or their server, is killed at random moments. */
import { killClients, killServers, type Kills } from "../ml/track/kills.ts";

/** Kills so often of each kind; rejects where anything acknowledged is lost or anything is there twice. */
export async function checkTracking(rounds: number, seed: number): Promise<Readonly<Record<string, Kills>>> {
  return {
    "clients of a folder": await killClients("folder", rounds, seed),
    "clients of a server": await killClients("server", rounds, seed),
    servers: await killServers(rounds, seed),
  };
}
