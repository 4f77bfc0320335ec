/**
 * @file The process that runs user code, as its parent sees it.
 *
 * Messages come in the order in which the child sent them. Native output is attributed to the request that runs, and
 * everything written before a `done` comes before it. All of a child's messages come before its {@link exited}.
 */
import { spawn } from "node:child_process";
import type { ChildProcess as NodeChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import { encodeFrame, FrameReader } from "../child/frames.ts";
import type { ChildMessage, ControlMessage, ControlReply, ParentMessage } from "../child/protocol.ts";
import { describeExit } from "./exit-reason.ts";
import type { ChildExit } from "./exit-reason.ts";
import { NativeOutput } from "./native-output.ts";
import { childEnvironment, nodeArguments } from "./node-arguments.ts";

export type { ChildExit } from "./exit-reason.ts";

/** The child can no longer be asked. */
export class ChildEndedError extends Error {
  override readonly name = "ChildEndedError";
}

export interface StartOptions {
  /** The bundle of kernel/child/main.ts. */
  readonly childPath: string;
  /** The bundle of kernel/child/control.ts. */
  readonly controlPath: string;
  /** The notebook's folder. */
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Options for the child's Node beside the kernel's own. */
  readonly nodeArgs?: readonly string[];
  /** The child's Node; this process's own where left out. */
  readonly nodePath?: string;
}

/** Enough of fd 2 to recognise V8's last words. */
const keptErrorOutput = 4096;

interface PendingCommand {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class ChildProcess {
  onMessage: (message: ChildMessage) => void = () => undefined;
  onInspectorEvent: (method: string, params: unknown) => void = () => undefined;
  /** An interrupt took effect. */
  onInterrupted: (request: string) => void = () => undefined;
  /** Settles when the child has ended and all of its output was passed on. */
  readonly exited: Promise<ChildExit>;
  readonly #process: NodeChildProcess;
  readonly #messages: Socket;
  readonly #control: Socket;
  readonly #frames: Socket;
  readonly #natives: readonly NativeOutput[];
  readonly #commands = new Map<number, PendingCommand>();
  readonly #requests: string[] = [];
  #lastRequest = "";
  #nextCommand = 1;
  #inputs = 0;
  #errorOutput = "";
  #killedBecause: string | undefined;

  /** Starts a child; it takes messages at once and reports `ready`. */
  static start(options: StartOptions): ChildProcess {
    return new ChildProcess(options);
  }

  private constructor({ childPath, controlPath, cwd, env, nodeArgs = [], nodePath }: StartOptions) {
    const args = [...nodeArguments(), ...nodeArgs, childPath, controlPath];
    this.#process = spawn(nodePath ?? process.execPath, args, {
      cwd,
      env: childEnvironment(env ?? process.env),
      // Its own process group: a terminal's Ctrl+C is the parent's business, and the group can be killed as one.
      detached: process.platform !== "win32",
      windowsHide: true,
      stdio: ["ignore", "pipe", "pipe", "pipe", "pipe", "pipe"],
    });
    // SAFETY: with `pipe` each of them is a socket, also when the process could not be started.
    const [, stdout, stderr, frames, messages, control] = this.#process.stdio as unknown as readonly Socket[];
    this.#natives = [this.#native(stdout, "stdout"), this.#native(stderr, "stderr")];
    this.#frames = present(frames);
    this.#messages = present(messages);
    this.#control = present(control);
    const reader = new FrameReader<ChildMessage>((message) => this.#receive(message));
    this.#frames.on("data", (chunk: Buffer) => reader.push(chunk));
    const replies = new FrameReader<ControlReply>((reply) => this.#receiveControl(reply));
    this.#control.on("data", (chunk: Buffer) => replies.push(chunk));
    for (const socket of [this.#frames, this.#messages, this.#control]) socket.on("error", () => undefined);
    this.exited = new Promise((resolve) => {
      let failure: string | undefined;
      this.#process.on("error", (error) => {
        failure = `it could not be started: ${error.message}`;
        if (this.#process.pid === undefined) finish(null, null);
      });
      const finish = (code: number | null, signal: NodeJS.Signals | null): void => {
        this.#failCommands();
        resolve(describeExit(code, signal, this.#errorOutput, failure ?? this.#killedBecause));
      };
      this.#process.on("exit", (code, signal) => void this.#drained().then(() => finish(code, signal)));
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Sends a message to the main thread. */
  send(message: ParentMessage): void {
    if (message.type === "execute") this.#requests.push(message.request);
    this.#messages.write(encodeFrame(message));
  }

  /** Stops the request, or all that runs where none is named. State is kept. */
  interrupt(request?: string): void {
    // A child that is blocked in a write could not be stopped.
    this.resume();
    const requests = request === undefined ? [...this.#requests] : [request];
    if (requests.length > 0) this.#sendControl({ type: "interrupt", requests });
  }

  /** Answers the newest `input_request`. */
  inputReply(value: string): void {
    this.#sendControl({ type: "input_reply", input: this.#inputs, value });
  }

  /** Runs an inspector command on the main thread's isolate. Rejects with the inspector's message. */
  async inspector(method: string, params: Record<string, unknown> = {}): Promise<unknown> {
    const id = this.#nextCommand;
    this.#nextCommand += 1;
    return await new Promise((resolve, reject) => {
      this.#commands.set(id, { resolve, reject });
      this.#sendControl({ type: "inspector", id, method, params });
    });
  }

  /** Stops reading the child's output, so that its next writes block. */
  pause(): void {
    this.#frames.pause();
    for (const native of this.#natives) native.pause();
  }

  resume(): void {
    this.#frames.resume();
    for (const native of this.#natives) native.resume();
  }

  /** Ends the child and everything that it started. `reason` becomes that of {@link exited}. */
  kill(reason?: string): void {
    this.#killedBecause ??= reason;
    const { pid } = this.#process;
    this.resume();
    if (pid === undefined || this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    try {
      if (process.platform === "win32") this.#process.kill("SIGKILL");
      else process.kill(-pid, "SIGKILL");
    } catch {
      this.#process.kill("SIGKILL");
    }
  }

  #native(socket: Socket | undefined, name: "stdout" | "stderr"): NativeOutput {
    return new NativeOutput(present(socket), (text) => {
      if (name === "stderr") this.#errorOutput = (this.#errorOutput + text).slice(-keptErrorOutput);
      this.onMessage({ type: "stream", request: this.#requests[0] ?? this.#lastRequest, name, text });
    });
  }

  #receive(message: ChildMessage): void {
    if (message.type === "done") {
      for (const native of this.#natives) native.drainNow();
      const index = this.#requests.indexOf(message.request);
      if (index !== -1) {
        this.#requests.splice(index, 1);
        this.#lastRequest = message.request;
      }
    }
    if (message.type === "input_request") this.#inputs += 1;
    this.onMessage(message);
  }

  #receiveControl(reply: ControlReply): void {
    switch (reply.type) {
      case "control_ready":
        return;
      case "interrupted":
        reply.requests.forEach((request) => this.onInterrupted(request));
        return;
      case "inspector_event":
        this.onInspectorEvent(reply.method, reply.params);
        return;
      case "inspector_result": {
        const command = this.#commands.get(reply.id);
        this.#commands.delete(reply.id);
        if (reply.error === undefined) command?.resolve(reply.result);
        else command?.reject(new Error(reply.error));
      }
    }
  }

  #sendControl(message: ControlMessage): void {
    if (this.#control.destroyed) this.#failCommands();
    else this.#control.write(encodeFrame(message));
  }

  #failCommands(): void {
    const commands = [...this.#commands.values()];
    this.#commands.clear();
    for (const { reject } of commands)
      reject(new ChildEndedError("The process that runs the cells has ended."));
  }

  /** The pipes' ends, or a moment later: a grandchild that lives on keeps fd 1 and 2 open. */
  async #drained(): Promise<void> {
    this.resume();
    const framesEnd = ended(this.#frames);
    await Promise.race([framesEnd, delay(2000)]);
    for (const native of this.#natives) native.drainNow();
    for (const socket of [this.#messages, this.#control]) socket.destroy();
  }
}

function present(socket: Socket | undefined): Socket {
  if (socket === undefined) throw new Error("The child's pipes were not made.");
  return socket;
}

async function ended(socket: Socket): Promise<void> {
  if (socket.readableEnded || socket.destroyed) return;
  await new Promise<void>((resolve) => {
    socket.once("end", resolve);
    socket.once("close", () => resolve());
  });
}

async function delay(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
