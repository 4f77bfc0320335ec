/** @file Clients as nobody wants them: slow, broken off, too large, malformed. Each must be refused in a way that says why. */
import { connect, type Socket } from "node:net";
import { Metadata } from "@grpc/grpc-js";
import { inferenceClient, type ProtoClient } from "../../ml/serve/grpc/grpc-client.ts";
import { Random } from "../random.ts";
import { columns, largestBody, type SoakService } from "./soak-service.ts";

/** What became of the bad calls. */
export interface BadCounts {
  sent: number;
  refused: number;
  /** Changed bytes that still were a right request. */
  answered: number;
  /** The connection ended without an answer, as of kills, or of bodies that are too large. */
  cut: number;
  /** Answers that no bad request may have: the service's own failure. */
  readonly failures: string[];
}

/** Makes bad calls, one kind after another. */
export class BadCalls {
  readonly counts: BadCounts = { sent: 0, refused: 0, answered: 0, cut: 0, failures: [] };
  readonly #service: SoakService;
  readonly #random: Random;
  readonly #client: ProtoClient;
  readonly #metadata = new Metadata();
  readonly #held = new Set<Socket>();

  constructor(service: SoakService, seed: number) {
    this.#service = service;
    this.#random = new Random(seed);
    this.#client = inferenceClient(`127.0.0.1:${service.port}`);
    this.#metadata.set("authorization", `Bearer ${service.key}`);
  }

  /** One bad call of a kind that the seed chooses. */
  async call(): Promise<void> {
    this.counts.sent += 1;
    switch (this.#random.integer(7)) {
      case 0:
        return this.#hold("");
      case 1:
        return this.#hold(
          `POST /v2/models/soak/infer HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${this.#service.key}\r\ncontent-length: 900\r\n\r\n{"inputs"`,
        );
      case 2:
        return this.#hold("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
      case 3:
        return this.#post(Buffer.alloc(largestBody + 1 + this.#random.integer(largestBody), 32), {});
      case 4:
        return this.#post(this.#changed(Buffer.from(JSON.stringify({ inputs: [input([0.5])] }))), {});
      case 5: {
        const head = Buffer.from(
          JSON.stringify({ inputs: [{ ...input(undefined), parameters: { binary_data_size: 128 } }] }),
        );
        const length = String(head.length + (this.#random.integer(3) === 0 ? this.#random.integer(500) : 0));
        const body = this.#changed(Buffer.concat([head, Buffer.alloc(4 * columns)]));
        return this.#post(body, { "inference-header-content-length": length });
      }
      default:
        return this.#grpc();
    }
  }

  close(): void {
    for (const socket of this.#held) socket.destroy();
    this.#client.close();
  }

  /** Says so much and no more; some end at once, most are held, at most 100 at a time. */
  #hold(text: string): void {
    const socket = connect(this.#service.port, "127.0.0.1");
    socket.on("error", () => {}).resume();
    if (text !== "") socket.write(text);
    this.#held.add(socket);
    socket.on("close", () => this.#held.delete(socket));
    this.counts.refused += 1;
    if (this.#random.integer(4) === 0) setTimeout(() => socket.resetAndDestroy(), 20);
    if (this.#held.size > 100) for (const first of this.#held) return void first.destroy();
  }

  /** Bytes with some of them changed, left out or doubled. */
  #changed(bytes: Buffer): Buffer {
    let changed = Buffer.from(bytes);
    for (let changes = 1 + this.#random.integer(4); changes > 0; changes--) {
      const at = this.#random.integer(changed.length);
      const end = at + this.#random.integer(8);
      const kind = this.#random.integer(3);
      if (kind === 0) changed[at] = this.#random.integer(256);
      else if (kind === 1) changed = Buffer.concat([changed.subarray(0, at), changed.subarray(end)]);
      else changed = Buffer.concat([changed.subarray(0, end), changed.subarray(at)]);
      if (changed.length === 0) return Buffer.from("{");
    }
    return changed;
  }

  async #post(body: Buffer, more: Readonly<Record<string, string>>): Promise<void> {
    const { url, key } = this.#service;
    const headers = { authorization: `Bearer ${key}`, ...more };
    try {
      const response = await fetch(`${url}/v2/models/soak/infer`, {
        method: "POST",
        headers,
        body,
        signal: AbortSignal.timeout(20_000),
      });
      const text = await response.text();
      if (response.status === 200) this.counts.answered += 1;
      else if (response.status < 500 || response.status === 503) this.counts.refused += 1;
      else
        this.counts.failures.push(
          `${response.status} ${text.slice(0, 200)} for ${body.toString("latin1", 0, 300)}`,
        );
    } catch (error) {
      if (error instanceof Error && error.name === "TimeoutError")
        this.counts.failures.push(`no answer for ${body.toString("latin1", 0, 300)}`);
      else this.counts.cut += 1;
    }
  }

  async #grpc(): Promise<void> {
    const message = Buffer.from("0a04736f616b2a100a0178120446503332180118201a000a", "hex");
    try {
      const sent = this.#random.integer(8) === 0 ? Buffer.alloc(largestBody + 100) : this.#changed(message);
      await this.#client.call("ModelInfer", sent, {
        metadata: this.#metadata,
        deadline: Date.now() + 20_000,
      });
      this.counts.answered += 1;
    } catch (error) {
      const { code, details } = Object(error);
      // UNAVAILABLE, and what the library says of a connection that was cut by a kill.
      if (code === 14 || ((code === 1 || code === 13) && /RST_STREAM|stream/i.test(details)))
        this.counts.cut += 1;
      else if ([3, 5, 7, 8, 12].includes(code)) this.counts.refused += 1;
      else this.counts.failures.push(`gRPC ${code}: ${details}`);
    }
  }
}

const input = (data: readonly number[] | undefined): object => ({
  name: "x",
  shape: [1, columns],
  datatype: "FP32",
  ...(data && { data: Array.from({ length: columns }, (_, at) => at + (data[0] ?? 0)) }),
});
