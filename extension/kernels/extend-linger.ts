/** @file Asks a kernel that no window has to go on for longer. */
import type { KernelRecord } from "./kernel-records.ts";

/** Seconds that a kernel goes on whose notebook is open in a tab that nobody has looked at. */
const patience = 12 * 3600;

/** Sees to it that a kernel waits for its notebook to be looked at. @throws where it does not answer */
export async function extendLinger({ connectionFile }: KernelRecord): Promise<void> {
  const { KernelClient } = await import("../../jupyter/client.ts");
  const { askSession } = await import("./kernel-session-request.ts");
  const client = await KernelClient.connect(connectionFile, { timeout: 5000 });
  try {
    await askSession(client, { linger: patience }, () => undefined);
  } finally {
    await client.close();
  }
}
