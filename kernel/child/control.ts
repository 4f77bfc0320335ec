/**
 * @file The child's control thread: what must work while the main thread is busy. Interrupts, the debugger's
 * commands, input, and the end of the child when the parent is gone.
 */
import { Session } from "node:inspector";
import { Socket } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import { encodeFrame, FrameReader } from "./frames.ts";
import {
  inputCount,
  inputFlag,
  interruptBlocked,
  interruptFlag,
  interruptNone,
  interruptRequested,
  interruptTerminated,
  interruptTerminating,
  outputFlag,
  patience,
  requestKey,
} from "./interrupt-state.ts";
import type { FromControl, SharedState, ToControl } from "./interrupt-state.ts";
import { childrenOf, killTrees } from "./process-tree.ts";
import type { ControlMessage, ControlReply } from "./protocol.ts";

/** The descriptor of the control channel. */
const controlChannel = 5;
/** Milliseconds after which code that goes on after a termination is stopped again. */
const retryAfter = 20;
/** Milliseconds that the main thread has to send output that waits; it does so after 30 where its event loop is free. */
const outputPatience = 60;

// SAFETY: main.ts starts this thread with exactly this data.
const { flags, children, running, inputPort } = workerData as SharedState & {
  readonly inputPort: MessagePort;
};
const session = new Session();
const socket = new Socket({ fd: controlChannel, readable: true, writable: true });
let paused = false;
/** Requests whose interrupt has not taken effect yet. */
const targets = new Set<string>();

const reply = (message: ControlReply): void => {
  socket.write(encodeFrame(message));
};

function interrupt(requests: readonly string[]): void {
  for (const request of requests) targets.add(request);
  Atomics.compareExchange(flags, interruptFlag, interruptNone, interruptRequested);
  tellMain();
  setTimeout(() => stopBusyCode(interruptRequested), patience);
}

function askAgain(): void {
  if (targets.size > 0) interrupt([]);
}

function tellMain(): void {
  const message: FromControl = { requests: [...targets] };
  parentPort?.postMessage(message);
}

/** Stops the main thread, if it runs a target and hasn't handled the interrupt since it was in state `from`. */
function stopBusyCode(from: number): void {
  if (targets.size === 0) return;
  if (![...targets].some((request) => running.includes(requestKey(request)))) {
    // One that the main thread saw no interrupt for may be about to begin, on a busy machine later than any patience.
    setTimeout(() => stopBusyCode(from), retryAfter);
    return;
  }
  const state = Atomics.compareExchange(flags, interruptFlag, from, interruptTerminating);
  // What handled an interrupt that came before may have taken this one with it: none, and the target runs on.
  if (state === interruptBlocked || state === interruptNone) setTimeout(askAgain, patience);
  if (state !== from) return;
  if (paused) session.post("Debugger.resume", { terminateOnResume: true }, terminated);
  else session.post("Runtime.terminateExecution", terminated);
  stopBlockingChildren();
}

/** V8 has stopped what ran. The main thread handles the rest, or has done so, or is busy again. */
function terminated(): void {
  const state = Atomics.compareExchange(flags, interruptFlag, interruptTerminating, interruptTerminated);
  if (state !== interruptTerminating) return;
  tellMain();
  setTimeout(() => stopBusyCode(interruptTerminated), retryAfter);
}

/** `spawnSync` and its like: the main thread waits in native code until they end. */
function stopBlockingChildren(): void {
  try {
    killTrees(childrenOf(process.pid).filter((pid) => !children.includes(pid)));
  } catch {
    // Without a process table only the code itself can be stopped.
  }
}

/** Whether output is looked after, and whether the main thread has told of more since the last look. */
let isLooking = false;
let toldAgain = false;

/** Looks after output that waits. One timer does, however often it is told: a cell that prints all the time tells all the time. */
function outputWaits(): void {
  toldAgain = isLooking;
  if (isLooking) return;
  isLooking = true;
  setTimeout(sendWaitingOutput, outputPatience);
}

/** Has a main thread that is busy send what it has written, between two steps of what it runs. */
function sendWaitingOutput(): void {
  const isWaiting = Atomics.load(flags, outputFlag) === 1;
  isLooking = isWaiting || toldAgain;
  toldAgain = false;
  if (!isLooking) return;
  // Once more after it: it may come in the midst of a write.
  const again = (): void => void setTimeout(sendWaitingOutput, outputPatience);
  if (!isWaiting || Atomics.load(flags, interruptFlag) !== interruptNone) return again();
  const expression = 'globalThis[Symbol.for("tenon.flush")]()';
  session.post("Runtime.evaluate", { expression, silent: true, disableBreaks: true }, again);
}

function settled(requests: readonly string[]): void {
  const effective = requests.filter((request) => targets.delete(request));
  if (effective.length > 0) reply({ type: "interrupted", requests: effective });
}

function inspect(id: number, method: string, params: Record<string, unknown>): void {
  session.post(method, params, (error, result) => {
    if (error === null) reply({ type: "inspector_result", id, result });
    else reply({ type: "inspector_result", id, error: error.message });
  });
}

function answerInput(input: number, value: string): void {
  if (input !== Atomics.load(flags, inputCount)) return;
  if (Atomics.compareExchange(flags, inputFlag, 1, 2) !== 1) return;
  inputPort.postMessage(value);
  Atomics.store(flags, inputFlag, 0);
  Atomics.notify(flags, inputFlag);
}

/** The parent is gone: nothing that user code started may stay. */
function die(): void {
  try {
    process.kill(-process.pid, "SIGKILL");
  } catch {
    process.kill(process.pid, "SIGKILL");
  }
}

const reader = new FrameReader<ControlMessage>((message) => {
  switch (message.type) {
    case "interrupt":
      interrupt(message.requests);
      return;
    case "input_reply":
      answerInput(message.input, message.value);
      return;
    case "inspector":
      inspect(message.id, message.method, message.params);
  }
});

session.connectToMainThread();
session.on("inspectorNotification", ({ method, params }) => {
  if (method === "Debugger.paused") paused = true;
  if (method === "Debugger.resumed") paused = false;
  if (method.startsWith("Debugger.") || method.startsWith("Runtime."))
    reply({ type: "inspector_event", method, params });
});
parentPort?.on("message", (message: ToControl) => {
  if (message.type === "settled") settled(message.requests);
  else if (message.type === "watch") setTimeout(() => stopBusyCode(interruptRequested), retryAfter);
  else if (message.type === "output") outputWaits();
  else killTrees(message.pids);
});
socket.on("data", (chunk: Buffer) => reader.push(chunk));
socket.on("end", die);
socket.on("error", die);
socket.on("close", die);
reply({ type: "control_ready" });
