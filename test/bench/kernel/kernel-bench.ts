/** @file `npm run bench -- kernel`: Tenon, Deno, tslab and ipykernel in one run, through one client. */
import { setTimeout as delay } from "node:timers/promises";
import type { KernelClient } from "../../../jupyter/client.ts";
import { treeMemory } from "../../support/process-memory.ts";
import type { CaseMeasurements, Measured } from "../bench-row.ts";
import { type CaseName, cases } from "./cases.ts";
import { measureLongCell, measureQueue, measureSmallCells } from "./execute-cases.ts";
import { measureInterrupt } from "./interrupt-cases.ts";
import { type KernelPeer, type PeerName, kernelPeer } from "./kernel-peers.ts";
import { measureCompletion, measureInspect } from "./language-cases.ts";
import { measureLines } from "./lines-case.ts";
import { trivial } from "./samples.ts";
import { within } from "../../support/settle.ts";
import { isResult } from "./result-message.ts";

export interface KernelBenchOptions {
  readonly peers: readonly PeerName[];
  readonly rounds: number;
  /** Fewer repetitions and less patience, to see that everything works. */
  readonly quick: boolean;
  readonly onProgress: (text: string) => void;
}

export interface KernelBenchResult {
  readonly measurements: readonly CaseMeasurements[];
  /** Each kernel with its version. */
  readonly peers: readonly string[];
  /** Which completion and inspection cases a kernel got wrong. */
  readonly remarks: readonly string[];
}

/** Runs all cases. Within a round each kernel takes its turn, so that what else the machine does hits all alike. */
export async function benchKernels(options: KernelBenchOptions): Promise<KernelBenchResult> {
  const peers: KernelPeer[] = [];
  for (const name of options.peers) {
    options.onProgress(`preparing ${name}`);
    peers.push(await kernelPeer(name));
  }
  const measured = new Map<CaseName, Map<string, Measured[]>>();
  const remarks = new Set<string>();
  for (let round = 1; round <= options.rounds; round++) {
    for (const peer of peers) {
      options.onProgress(`round ${round} of ${options.rounds}: ${peer.name}`);
      const record = (name: CaseName, value: Measured): void => {
        const byPeer = measured.get(name) ?? new Map<string, Measured[]>();
        measured.set(name, byPeer);
        byPeer.set(peer.name, [...(byPeer.get(peer.name) ?? []), value]);
      };
      const remark = (text: string): void => void remarks.add(`${peer.name}: ${text}`);
      await new Turn(peer, options.quick, record, remark).run();
    }
  }
  const names = Object.keys(cases).filter((name): name is CaseName => Object.hasOwn(cases, name));
  return {
    measurements: names.flatMap((name) => {
      const byPeer = measured.get(name);
      return byPeer === undefined ? [] : [{ case: cases[name], byPeer }];
    }),
    peers: peers.map(({ name, version }) => `${name} ${version}`),
    remarks: [...remarks],
  };
}

/** Milliseconds that the measurement of one group of cases may take. */
const caseLimit = 180_000;

/** One kernel's turn in one round. A case that fails is recorded as such; the next one gets a fresh kernel. */
class Turn {
  readonly #peer: KernelPeer;
  readonly #quick: boolean;
  readonly #record: (name: CaseName, value: Measured) => void;
  readonly #remark: (text: string) => void;
  #client: KernelClient | undefined;

  constructor(
    peer: KernelPeer,
    quick: boolean,
    record: (name: CaseName, value: Measured) => void,
    remark: (text: string) => void,
  ) {
    this.#peer = peer;
    this.#quick = quick;
    this.#record = record;
    this.#remark = remark;
  }

  async run(): Promise<void> {
    try {
      await this.#start();
      await this.#execution();
      await this.#output();
      await this.#language();
    } finally {
      await this.#client?.kill();
    }
    await this.#interrupts();
  }

  async #start(): Promise<void> {
    const start = performance.now();
    await this.#attempt(["coldStart", "firstResult", "memory", "proportionalMemory"], async (client) => {
      this.#record("coldStart", performance.now() - start);
      const shown = firstResult(client);
      await client.execute(trivial[this.#peer.language]).reply;
      this.#record("firstResult", (await shown) - start);
      await delay(3000);
      const memory = treeMemory(client.pid ?? 0);
      this.#record("memory", memory.rss);
      this.#record("proportionalMemory", memory.pss);
    });
  }

  async #execution(): Promise<void> {
    const count = this.#quick ? 50 : 300;
    await this.#attempt(["execute", "executeTail"], async (client) => {
      const small = await measureSmallCells(client, count);
      this.#record("execute", small.median);
      this.#record("executeTail", small.p95);
      if (this.#peer.name !== "tenon") {
        this.#record("executeUnchecked", small.median);
        this.#record("executeUncheckedTail", small.p95);
      }
    });
    if (this.#peer.name === "tenon") {
      await this.#attempt(["executeUnchecked", "executeUncheckedTail"], async (client) => {
        await client.execute("%check off").reply;
        const small = await measureSmallCells(client, count);
        this.#record("executeUnchecked", small.median);
        this.#record("executeUncheckedTail", small.p95);
        await client.execute("%check on").reply;
      });
    }
    await this.#attempt(["pipelined", "pipelinedOrdered"], async (client) => {
      const { rate, ordered } = await measureQueue(client, 200);
      this.#record("pipelined", rate);
      this.#record("pipelinedOrdered", ordered);
    });
    await this.#attempt(["longCell"], async (client) => {
      this.#record("longCell", await measureLongCell(client, this.#peer, this.#quick ? 3 : 15));
    });
  }

  async #output(): Promise<void> {
    await this.#attempt(["lines", "linesReceived", "linesOrdered"], async (client) => {
      const result = await measureLines(client, this.#peer, this.#quick ? 10_000 : 60_000);
      this.#record("lines", result.time);
      this.#record("linesReceived", result.received);
      this.#record("linesOrdered", result.ordered);
      // A kernel that is still printing is of no use for what follows.
      if (typeof result.time !== "number") await this.#drop();
    });
  }

  async #language(): Promise<void> {
    await this.#attempt(["complete", "completeRight"], async () => {
      const { time, right, wrong } = await measureCompletion(this.#peer, this.#quick ? 1 : 5);
      this.#record("complete", time);
      if (right !== undefined) this.#record("completeRight", right);
      if (wrong.length > 0) this.#remark(`completion wrong: ${wrong.join(", ")}`);
    });
    await this.#attempt(["inspect", "inspectRight"], async (client) => {
      const { time, right, wrong } = await measureInspect(client, this.#peer, this.#quick ? 1 : 5);
      this.#record("inspect", time);
      if (right !== undefined) this.#record("inspectRight", right);
      if (wrong.length > 0) this.#remark(`inspect wrong: ${wrong.join(", ")}`);
    });
  }

  async #interrupts(): Promise<void> {
    this.#record("interruptLoop", await measureInterrupt(this.#peer, "loop"));
    this.#record("interruptRegex", await measureInterrupt(this.#peer, "regex"));
    this.#record("interruptWait", await measureInterrupt(this.#peer, "Atomics.wait"));
    this.#record("interruptAwait", await measureInterrupt(this.#peer, "await"));
  }

  /** Measures, and where that throws says so for its cases. */
  async #attempt(
    names: readonly CaseName[],
    measure: (client: KernelClient) => Promise<void>,
  ): Promise<void> {
    try {
      this.#client ??= await this.#peer.start();
      await within(measure(this.#client), caseLimit, `not done in ${caseLimit / 1000} s`);
    } catch (error) {
      const failed = (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "failed";
      for (const name of names) this.#record(name, { failed });
      await this.#drop();
    }
  }

  async #drop(): Promise<void> {
    await this.#client?.kill();
    this.#client = undefined;
  }
}

/** When the first result arrives. */
function firstResult(client: KernelClient): Promise<number> {
  return new Promise((resolve) => {
    const stop = client.onIopub(({ header }) => {
      if (!isResult(header.msg_type)) return;
      stop();
      resolve(performance.now());
    });
  });
}
