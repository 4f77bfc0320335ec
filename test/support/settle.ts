import { setTimeout as delay } from "node:timers/promises";

/** Waits until the condition holds or the time is over; returns whether it holds. */
export async function settle(condition: () => boolean, patience: number): Promise<boolean> {
  const end = performance.now() + patience;
  while (!condition()) {
    if (performance.now() > end) return false;
    await delay(5);
  }
  return true;
}

/** Waits until a count has reached its goal, or has not grown for `patience` ms. */
export async function settleWhileGrowing(count: () => number, goal: number, patience: number): Promise<void> {
  for (;;) {
    const before = count();
    if (before >= goal || !(await settle(() => count() > before, patience))) return;
  }
}

/** Rejects with `message` where the promise takes longer than `patience` ms. */
export async function within<T>(promise: Promise<T>, patience: number, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(message)), patience);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
