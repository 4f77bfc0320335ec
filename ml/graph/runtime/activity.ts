/**
 * @file Whether a runtime's thread is in a run, in memory that it shares with the main thread.
 *
 * Node waits for its threads when a process ends, and a thread inside ONNX Runtime can't be stopped: without this, a run
 * that has no end would keep the process for ever.
 */
import { RuntimeError } from "../errors.ts";

/** The two words that a runtime and its thread share. */
export type Activity = Int32Array<SharedArrayBuffer>;

const busyAt = 0;
const endingAt = 1;
const patience = 2000;
const living = new Set<Activity>();

/** Notes a thread's activity, until it is {@link forgetActivity forgotten}. */
export function newActivity(): Activity {
  const activity = new Int32Array(new SharedArrayBuffer(8));
  if (living.size === 0) process.once("exit", endThreads);
  living.add(activity);
  return activity;
}

/** Forgets the activity of a thread that has ended. */
export function forgetActivity(activity: Activity): void {
  living.delete(activity);
  if (living.size === 0) process.off("exit", endThreads);
}

/** The activity that a thread was started with. Throws {@link RuntimeError} where it was started with none. */
export function activityOf(workerData: unknown): Activity {
  if (workerData instanceof Int32Array && workerData.buffer instanceof SharedArrayBuffer)
    // SAFETY: the buffer was just seen to be shared.
    return workerData as Activity;
  throw new RuntimeError("a runtime's thread was not started by a runtime");
}

/** Notes in the thread that it begins or ends something; false where it must not begin, for the process ends. */
export function markBusy(activity: Activity, isBusy: boolean): boolean {
  Atomics.store(activity, busyAt, isBusy ? 1 : 0);
  if (!isBusy) Atomics.notify(activity, busyAt);
  if (!isBusy || Atomics.load(activity, endingAt) === 0) return true;
  Atomics.store(activity, busyAt, 0);
  return false;
}

/** Waits a little for what threads have begun. A process whose thread doesn't come to an end has to be killed. */
function endThreads(): void {
  for (const activity of living) Atomics.store(activity, endingAt, 1);
  const end = performance.now() + patience;
  for (const activity of living) {
    const left = Math.max(0, end - performance.now());
    if (Atomics.wait(activity, busyAt, 1, left) !== "timed-out") continue;
    process.stderr.write("tenon: a run did not end with the process, which is killed\n");
    process.kill(process.pid, "SIGKILL");
  }
}
