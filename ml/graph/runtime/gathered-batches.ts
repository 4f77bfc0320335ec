/** @file Batches that another thread gathers, as they come to the runtime's. */
import type { MessagePort } from "node:worker_threads";
import type { Tensor as OrtTensor } from "onnxruntime-node";
import { RuntimeError } from "../errors.ts";
import { elementsIn, type GatherReply, type GatherReturn } from "./gather-protocol.ts";
import { tensorData, toOrtTensor } from "./tensor-data.ts";

type Group = Extract<GatherReply, { readonly buffer: ArrayBuffer }>;

/** Batches of jobs. Each job is read once. */
export class GatheredBatches {
  readonly #port: MessagePort;
  /** What has come of jobs and was not read. */
  readonly #arrived = new Map<number, GatherReply[]>();
  readonly #waiting = new Map<number, { readonly resolve: () => void }>();
  /** Jobs that nobody reads any more, whose end has not come. */
  readonly #dropped = new Set<number>();
  #isClosed = false;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on("message", (reply: GatherReply) => this.#receive(reply));
    port.once("close", () => {
      this.#isClosed = true;
      for (const { resolve } of this.#waiting.values()) resolve();
    });
  }

  /**
   * The batches of a job by input name; each holds until the next is asked for.
   * @throws {@link RuntimeError} where they can't be gathered
   */
  async *read(job: number): AsyncGenerator<Readonly<Record<string, OrtTensor>>, void, void> {
    let isWhole = false;
    try {
      while (!isWhole) {
        const group = await this.#next(job);
        isWhole = group.isLast;
        yield* tensorsOfGroup(group);
        this.#giveBack(group);
      }
    } finally {
      this.#arrived.delete(job);
      if (!isWhole && !this.#isClosed) {
        this.#dropped.add(job);
        this.#say({ job, drop: true });
      }
    }
  }

  /** Ends it. */
  close(): void {
    this.#port.close();
  }

  async #next(job: number): Promise<Group> {
    const arrived = this.#arrived.get(job) ?? [];
    this.#arrived.set(job, arrived);
    if (arrived.length === 0 && !this.#isClosed)
      await new Promise<void>((resolve) => this.#waiting.set(job, { resolve }));
    this.#waiting.delete(job);
    const reply = arrived.shift();
    if (!reply) throw new RuntimeError("the thread that gathers batches has ended");
    if ("error" in reply) throw new RuntimeError(`a batch can't be gathered: ${reply.error}`);
    if ("dropped" in reply) throw new RuntimeError("the batches were given up");
    return reply;
  }

  #receive(reply: GatherReply): void {
    const { job } = reply;
    if (this.#dropped.has(job)) {
      if ("buffer" in reply) this.#giveBack(reply);
      else this.#dropped.delete(job);
      return;
    }
    const waiting = this.#waiting.get(job);
    const arrived = this.#arrived.get(job) ?? [];
    if ("dropped" in reply && !waiting) {
      // Its owner gave it up before anybody read it.
      for (const each of arrived) if ("buffer" in each) this.#giveBack(each);
      this.#arrived.delete(job);
      return;
    }
    arrived.push(reply);
    this.#arrived.set(job, arrived);
    waiting?.resolve();
  }

  #giveBack({ job, buffer }: Group): void {
    if (!this.#isClosed) this.#say({ job, buffer }, [buffer]);
  }

  #say(answer: GatherReturn, transfer: readonly ArrayBuffer[] = []): void {
    this.#port.postMessage(answer, transfer);
  }
}

function* tensorsOfGroup({
  buffer,
  layout,
}: Group): Generator<Readonly<Record<string, OrtTensor>>, void, void> {
  for (let batch = 0; batch < layout.batches; batch++) {
    const tensors: Record<string, OrtTensor> = {};
    for (const column of layout.columns) {
      const elements = elementsIn(buffer, column, batch);
      tensors[column.name] = toOrtTensor(tensorData(column.dtype, elements, column.shape));
    }
    yield tensors;
  }
}
