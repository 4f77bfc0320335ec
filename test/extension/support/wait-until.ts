/** @file Waiting for what the page shows. */
import { setTimeout as delay } from "node:timers/promises";

const interval = 50;

/** Waits until a condition holds. @throws with what was waited for */
export async function waitUntil(
  what: string,
  condition: () => Promise<boolean> | boolean,
  patience = 120_000,
): Promise<void> {
  const end = performance.now() + patience;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited ${patience / 1000} s for ${what}`);
    await delay(interval);
  }
}

/** Waits until a condition has held for a while, for what can be true for a moment between two steps. */
export async function waitUntilSettled(
  what: string,
  condition: () => Promise<boolean>,
  { settled = 300, patience = 120_000 }: { readonly settled?: number; readonly patience?: number } = {},
): Promise<void> {
  let since: number | undefined;
  await waitUntil(
    what,
    async () => {
      since = (await condition()) ? (since ?? performance.now()) : undefined;
      return since !== undefined && performance.now() - since >= settled;
    },
    patience,
  );
}
