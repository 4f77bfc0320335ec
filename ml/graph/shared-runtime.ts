/** @file The runtime that tensors of this process are computed on, and programs loaded by it. */
import { notebookHost } from "../notebook-host.ts";
import { RuntimeError } from "./errors.ts";
import { bestProvider } from "./runtime/choose-provider.ts";
import type { RuntimeContents } from "./runtime/protocol.ts";
import type { Provider } from "./runtime/provider.ts";
import { Runtime, type Program, type ProgramModel } from "./runtime/runtime.ts";

let current: Runtime | undefined;
let starting: Promise<Runtime> | undefined;
let chosen: Provider | undefined;

/** The runtime, if it is there and works. */
export function currentRuntime(): Runtime | undefined {
  return current?.ended ? undefined : current;
}

/**
 * The runtime on which tensors of this process are computed; started where there is none, or the last one has ended.
 * @throws {@link RuntimeError} when `TENON_PROVIDER` names no provider
 */
export async function sharedRuntime(): Promise<Runtime> {
  const there = currentRuntime();
  if (there) return there;
  const mine = (starting ??= start());
  try {
    const runtime = await mine;
    if (starting === mine) current = runtime;
    return runtime;
  } finally {
    if (starting === mine) starting = undefined;
  }
}

async function start(): Promise<Runtime> {
  const runtime = new Runtime({ provider: chosen ?? (await bestProvider()) });
  notebookHost()?.reportBackend?.(runtime.provider);
  return runtime;
}

/**
 * Computes on this provider from now on, instead of the best one that works (or the one that `TENON_PROVIDER` names).
 * Tensors that were computed before stay, and are carried over where they are used.
 */
export function useProvider(provider: Provider): void {
  chosen = provider;
  starting = undefined;
  if (current?.provider !== provider) current = undefined;
}

/** The provider that tensors are computed on. */
export async function provider(): Promise<Provider> {
  return (await sharedRuntime()).provider;
}

/**
 * Gives up the thread that computes, with a run that does not end and every tensor that it keeps; the next use starts a
 * fresh one. For a run that ends by itself an AbortSignal is enough.
 */
export function restartRuntime(): void {
  current?.abandon(new RuntimeError("the runtime was restarted: what it computed and kept is lost"));
  current = undefined;
  starting = undefined;
}

/** How much the runtime holds; none where it was not started. */
export async function runtimeContents(): Promise<RuntimeContents> {
  const runtime = currentRuntime();
  return runtime ? runtime.contents() : { tensors: 0, programs: 0, trainings: 0, datasets: 0 };
}

// A program whose owner is garbage needs no session any more.
const forgotten = new FinalizationRegistry<{ program: Promise<Program> | undefined }>(({ program }) =>
  unload(program),
);

function unload(program: Promise<Program> | undefined): void {
  program?.then(async (each) => each.close()).catch(() => {});
}

/** A program that is loaded by whichever runtime is the current one. */
export class SharedProgram {
  readonly #model: ProgramModel;
  readonly #loaded: { program: Promise<Program> | undefined } = { program: undefined };
  #runtime: Runtime | undefined;
  #ready: Program | undefined;

  constructor(model: ProgramModel) {
    this.#model = model;
    forgotten.register(this, this.#loaded);
  }

  /** Loaded by a runtime: at once where it is already. Throws {@link RuntimeError} when ONNX Runtime can't run it. */
  on(runtime: Runtime): Program | Promise<Program> {
    if (this.#runtime === runtime && this.#ready) return this.#ready;
    return this.#load(runtime);
  }

  async #load(runtime: Runtime): Promise<Program> {
    if (this.#runtime !== runtime || !this.#loaded.program) {
      unload(this.#loaded.program);
      this.#runtime = runtime;
      this.#ready = undefined;
      this.#loaded.program = runtime.load(this.#model);
    }
    const loading = this.#loaded.program;
    try {
      const program = await loading;
      if (this.#loaded.program === loading) this.#ready = program;
      return program;
    } catch (error) {
      if (this.#loaded.program === loading) this.#loaded.program = undefined;
      throw error;
    }
  }

  /** Releases it; it is loaded again where it is used again. */
  close(): void {
    unload(this.#loaded.program);
    this.#loaded.program = undefined;
    this.#ready = undefined;
  }
}
