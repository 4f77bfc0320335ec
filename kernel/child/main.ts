/**
 * @file The child's main thread: runs user code, one message of the parent's at a time.
 *
 * What user code does must not reach the channels: their descriptors and the functions used here were taken before it
 * ran. Interrupts stop this thread anywhere; see interrupt-state.ts and channel.ts for how it stays consistent.
 */
import { Socket } from "node:net";
import { MessageChannel, Worker } from "node:worker_threads";
import { watchChildProcesses } from "./async-children.ts";
import { findAsyncHookChecks, unwindSignal } from "./async-hooks-guard.ts";
import { currentRequest } from "./cell-request.ts";
import { CommRegistry } from "./comms.ts";
import { installConsole } from "./console.ts";
import { describeError } from "./errors/describe-error.ts";
import { installStackFormat } from "./errors/stack-frames.ts";
import { Executor } from "./executor.ts";
import { FrameReader } from "./frames.ts";
import { flushBeforeSyncProcesses } from "./flush-before-processes.ts";
import { installGlobals } from "./globals/index.ts";
import { createGlobalsHost } from "./host.ts";
import { UserInput } from "./input.ts";
import { InspectorEvaluator } from "./inspector-evaluator.ts";
import { createSharedState } from "./interrupt-state.ts";
import type { FromControl, ToControl } from "./interrupt-state.ts";
import { Interrupts } from "./interrupts.ts";
import { createMagics } from "./magics.ts";
import { NotebookModules, notebookPath } from "./modules/notebook-modules.ts";
import { protectAddonLoading } from "./native-addons.ts";
import { flushBetweenSteps, sendMessage, watchOutput } from "./output.ts";
import { childProtocolVersion } from "./protocol.ts";
import type { ParentMessage } from "./protocol.ts";
import { renderValue } from "./rich/index.ts";
import { installRuntime } from "./runtime.ts";
import { installVariables } from "./variables/index.ts";

/** The descriptor of the messages from the parent. */
const messagesIn = 4;

const shared = createSharedState();
const answers = new MessageChannel();
const controlPath = process.argv[2] ?? "";
const control = new Worker(controlPath, {
  workerData: { ...shared, inputPort: answers.port2 },
  transferList: [answers.port2],
  execArgv: [],
  env: {},
  resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 2 },
});
const tell = (message: ToControl): void => control.postMessage(message);

const evaluator = new InspectorEvaluator();
const executor = new Executor(evaluator, shared.running, (pids) => {
  if (pids.length > 0) tell({ type: "kill", pids });
});
const input = new UserInput(shared.flags, answers.port1);
const comms = new CommRegistry();

const interrupts = new Interrupts(shared, executor, input, tell);

control.on("message", (message: FromControl) => {
  interrupts.receive(message);
  // An interrupt may have stopped the reader between two messages.
  reader.push(Buffer.alloc(0));
});

const reader = new FrameReader<ParentMessage>((message) => {
  if (message.type === "execute") interrupts.execute(message);
  else executor.handle(message.request, () => comms.receive(message));
});

const reportLate = (error: unknown): void => {
  if (error === unwindSignal) return;
  sendMessage({ type: "late_error", request: currentRequest().id, ...describeError(error) });
};
process.on("uncaughtException", reportLate);
process.on("unhandledRejection", reportLate);
// A terminal's Ctrl+C reaches the whole process group; the parent decides what it means.
process.on("SIGINT", () => undefined);

installStackFormat();
installConsole();
findAsyncHookChecks();
watchChildProcesses(shared.children);
flushBeforeSyncProcesses();
protectAddonLoading(shared.flags);
const modules = new NotebookModules(notebookPath());
installRuntime(modules);
input.install();
const globals = installGlobals(createGlobalsHost(comms));
Object.defineProperty(globalThis, "require", { value: modules.require, writable: true, configurable: true });
Object.defineProperty(globalThis, Symbol.for("tenon.magics"), {
  value: createMagics(() => currentRequest().signal),
});
// For the debugger's rich variables, which are evaluated here.
Object.defineProperty(globalThis, Symbol.for("tenon.render"), { value: renderValue });
// For the control thread, while this one is busy.
Object.defineProperty(globalThis, Symbol.for("tenon.flush"), { value: flushBetweenSteps });
watchOutput(shared.flags, () => tell({ type: "output" }));
const variables = installVariables(comms);
executor.onCellEnded = () => {
  globals.cellEnded();
  variables.cellEnded();
};

const socket = new Socket({ fd: messagesIn, readable: true, writable: false });
socket.on("data", (chunk: Buffer) => reader.push(chunk));
// The control thread ends the process when the parent is gone; this only keeps the error quiet.
socket.on("error", () => undefined);
sendMessage({ type: "ready", protocol: childProtocolVersion, pid: process.pid });
