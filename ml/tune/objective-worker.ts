/** @file The thread of an objective: loads its module, then runs one trial after another. */
import { parentPort, workerData } from "node:worker_threads";
import * as v from "valibot";
import type { Objective, Trial } from "./objective.ts";
import { errorOf, failureOf, type FromThread, type ToThread } from "./objective-protocol.ts";

const port = parentPort;
if (!port) throw new Error("this program is a thread of a search");
const say = (message: FromThread): void => port.postMessage(message);

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const waiting = new Map<number, Waiting>();
let calls = 0;

/** Asks something of the search and waits for its answer. */
async function ask(message: (call: number) => FromThread): Promise<void> {
  const call = calls++;
  return new Promise((resolve, reject) => {
    waiting.set(call, { resolve, reject });
    say(message(call));
  });
}

function trialOf(number: number): Trial {
  return {
    number,
    // A search that stops ends the thread.
    signal: new AbortController().signal,
    report: async (value, step) => ask((call) => ({ kind: "report", number, call, value, step })),
    setUserAttribute: async (key, value) =>
      ask((call) => ({ kind: "setUserAttribute", number, call, key, value })),
  };
}

async function run(objective: Objective, number: number, settings: unknown): Promise<void> {
  try {
    say({ kind: "done", value: await objective(settings, trialOf(number)) });
  } catch (error) {
    say({ kind: "failed", failure: failureOf(error) });
  }
}

async function load(): Promise<Objective> {
  const module: unknown = await import(v.parse(v.string(), workerData));
  const objective: unknown = Object(module)["default"];
  if (typeof objective !== "function") throw new Error("it has no default export that is a function");
  // SAFETY: a function takes whatever it is given, and the search checks what it gives.
  return objective as Objective;
}

try {
  const objective = await load();
  port.on("message", (message: ToThread) => {
    if (message.kind === "run") return void run(objective, message.number, message.settings);
    const { call, failed } = message;
    if (failed) waiting.get(call)?.reject(errorOf(failed));
    else waiting.get(call)?.resolve();
    waiting.delete(call);
  });
  say({ kind: "ready" });
} catch (error) {
  say({ kind: "unusable", reason: failureOf(error).message });
}
