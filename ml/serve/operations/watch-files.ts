/** @file Files that may be replaced while the service runs, such as keys and certificates. */
import { stat } from "node:fs/promises";

const every = 5000;

/**
 * Has something done after any of some files was changed or replaced; looked at every five seconds, for notices of the system
 * don't reach through mounted folders. Returns what ends it.
 */
export function watchFiles(
  paths: readonly string[],
  changed: () => Promise<void>,
  onError: (error: unknown) => void,
): () => void {
  let known: Promise<string> = stamps(paths);
  const look = async (): Promise<void> => {
    try {
      const [before, now] = [await known, await stamps(paths)];
      if (before === now) return;
      known = Promise.resolve(now);
      await changed();
    } catch (error) {
      onError(error);
    }
  };
  const timer = setInterval(() => void look(), every).unref();
  return () => clearInterval(timer);
}

async function stamps(paths: readonly string[]): Promise<string> {
  const found = await Promise.all(
    paths.map(async (path) => {
      try {
        const { mtimeMs, size, ino } = await stat(path);
        return `${mtimeMs}/${size}/${ino}`;
      } catch {
        return "none";
      }
    }),
  );
  return found.join(" ");
}
