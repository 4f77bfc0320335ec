/** Resolves when all that waits for settled promises only has run. */
export async function promisesDone(): Promise<void> {
  await new Promise<void>((resolve) => process.nextTick(resolve));
}
