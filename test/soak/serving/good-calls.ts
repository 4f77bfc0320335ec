/**
 * @file Calls that must be answered, and rightly: JSON, binary tensors and gRPC in turn. A connection that ends under a call is
 * tried again, as clients do; a call that has no answer after several tries is lost.
 */
import { Agent, request } from "node:http";
import { setTimeout } from "node:timers/promises";
import { Metadata } from "@grpc/grpc-js";
import { inferenceClient, type Message, type ProtoClient } from "../../ml/serve/grpc/grpc-client.ts";
import { Random } from "../random.ts";
import { columns, outputs, rightAnswer, type SoakService } from "./soak-service.ts";

/** What became of the calls. */
export interface CallCounts {
  answered: number;
  /** Refused for load: 429 or 503, UNAVAILABLE; tried again. */
  refused: number;
  /** Tried again because the connection ended under them. */
  retried: number;
  readonly wrong: string[];
  readonly lost: string[];
  /** Milliseconds of the calls, retries in them; of the last 100,000. */
  readonly times: number[];
}

const mostTries = 20;

/** An answer: its version and its numbers. */
interface Answer {
  readonly version: string;
  readonly y: ArrayLike<number>;
}

/** A reason to try again. */
class AgainError extends Error {
  override readonly name = "AgainError";
  readonly isRefusal: boolean;

  constructor(message: string, isRefusal: boolean) {
    super(message);
    this.isRefusal = isRefusal;
  }
}

/** Makes calls. */
export class GoodCalls {
  readonly counts: CallCounts = { answered: 0, refused: 0, retried: 0, wrong: [], lost: [], times: [] };
  readonly #service: SoakService;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 32 });
  readonly #random: Random;
  readonly #metadata = new Metadata();
  #client: ProtoClient;

  constructor(service: SoakService, seed: number) {
    this.#service = service;
    this.#random = new Random(seed);
    this.#metadata.set("authorization", `Bearer ${service.key}`);
    this.#client = inferenceClient(`127.0.0.1:${service.port}`);
  }

  /** One call, to its answer. */
  async call(): Promise<void> {
    const { counts } = this;
    const count = this.#random.pick([1, 1, 1, 10, 100]);
    const rows = Float32Array.from({ length: count * columns }, () =>
      Math.fround(this.#random.next() * 2 - 1),
    );
    const version = this.#random.integer(3) === 0 ? this.#random.pick(["1", "2"]) : undefined;
    const form = this.#random.pick(["json", "binary", "grpc"] as const);
    const begin = performance.now();
    for (let tries = 0; ; tries++) {
      try {
        const answer = await this.#ask(form, rows, version);
        const problem = problemOf(answer, rows, version);
        if (problem !== undefined) counts.wrong.push(`${form}: ${problem}`);
        counts.answered += 1;
        counts.times.push(performance.now() - begin);
        if (counts.times.length > 100_000) counts.times.splice(0, 50_000);
        return;
      } catch (error) {
        if (!(error instanceof AgainError) || tries >= mostTries) {
          counts.lost.push(`${form}: ${error instanceof Error ? error.message : String(error)}`);
          return;
        }
        if (error.isRefusal) counts.refused += 1;
        else counts.retried += 1;
        await setTimeout(50 * Math.min(tries + 1, 10));
      }
    }
  }

  close(): void {
    this.#client.close();
    this.#agent.destroy();
  }

  async #ask(
    form: "json" | "binary" | "grpc",
    rows: Float32Array,
    version: string | undefined,
  ): Promise<Answer> {
    const shape = [rows.length / columns, columns];
    if (form === "grpc") return this.#askGrpc(rows, shape, version);
    const place = version === undefined ? "" : `/versions/${version}`;
    const path = `/v2/models/soak${place}/infer`;
    if (form === "json") {
      const inputs = [{ name: "x", shape, datatype: "FP32", data: [...rows] }];
      const { body } = await this.#post(path, Buffer.from(JSON.stringify({ inputs })), {});
      return answerOf(JSON.parse(body.toString()));
    }
    const head = Buffer.from(
      JSON.stringify({
        inputs: [{ name: "x", shape, datatype: "FP32", parameters: { binary_data_size: rows.byteLength } }],
        outputs: [{ name: "y", parameters: { binary_data: true } }],
      }),
    );
    const sent = Buffer.concat([head, Buffer.from(rows.buffer)]);
    const length = { "inference-header-content-length": String(head.length) };
    const { body, headLength } = await this.#post(path, sent, length);
    const json: unknown = JSON.parse(body.toString("utf8", 0, headLength));
    const y = new Float32Array(new Uint8Array(body.subarray(headLength)).buffer);
    return { version: String(Object(json).model_version), y };
  }

  async #askGrpc(rows: Float32Array, shape: readonly number[], version: string | undefined): Promise<Answer> {
    const message: Message = {
      model_name: "soak",
      model_version: version ?? "",
      inputs: [{ name: "x", datatype: "FP32", shape }],
      raw_input_contents: [Buffer.from(rows.buffer)],
    };
    try {
      const options = { metadata: this.#metadata, deadline: Date.now() + 60_000 };
      const answer = await this.#client.call("ModelInfer", message, options);
      const [raw] = answer["raw_output_contents"] as readonly Buffer[];
      if (raw === undefined) throw new Error("no contents");
      return { version: String(answer["model_version"]), y: new Float32Array(new Uint8Array(raw).buffer) };
    } catch (error) {
      const { code, details = "" } = Object(error);
      // CANCELLED and INTERNAL with these words are how the library tells of a connection that was cut.
      if (code === 14 && /drop|reset|connect|ECONN|GOAWAY|closed/i.test(details))
        throw new AgainError(details, false);
      if (code === 14 || code === 8) throw new AgainError(details, true);
      if ((code === 1 || code === 13) && /RST_STREAM|stream/i.test(details))
        throw new AgainError(details, false);
      throw new Error(`status ${code}: ${details}`, { cause: error });
    }
  }

  async #post(
    path: string,
    body: Buffer,
    more: Readonly<Record<string, string>>,
  ): Promise<{ readonly body: Buffer; readonly headLength: number }> {
    const { port, key } = this.#service;
    const headers = { ...more, authorization: `Bearer ${key}`, "content-length": String(body.length) };
    return await new Promise((resolve, reject) => {
      const again = (error: Error): void => reject(new AgainError(error.message, false));
      const asked = request(
        { port, path, method: "POST", agent: this.#agent, headers, timeout: 60_000 },
        (response) => {
          const parts: Buffer[] = [];
          response.on("data", (part: Buffer) => parts.push(part)).on("error", again);
          response.on("end", () => {
            const all = Buffer.concat(parts);
            const { statusCode = 0 } = response;
            if (statusCode === 200)
              resolve({
                body: all,
                headLength: Number(response.headers["inference-header-content-length"] ?? 0),
              });
            else if (statusCode === 429 || statusCode === 503) reject(new AgainError(all.toString(), true));
            else reject(new Error(`${statusCode}: ${all.toString("utf8", 0, 300)}`));
          });
        },
      );
      asked.on("error", again).on("timeout", () => asked.destroy(new Error("no answer in 60 s")));
      asked.end(body);
    });
  }
}

function answerOf(json: unknown): Answer {
  const { model_version, outputs: found } = Object(json);
  return { version: String(model_version), y: found[0].data };
}

function problemOf(
  { version, y }: Answer,
  rows: Float32Array,
  asked: string | undefined,
): string | undefined {
  if (asked !== undefined && version !== asked) return `version ${version} answered for ${asked}`;
  const right = rightAnswer(Number(version), rows);
  if (y.length !== right.length) return `${y.length} numbers for ${right.length / outputs} rows`;
  const at = right.findIndex((value, place) => !(Math.abs(value - (y[place] ?? Number.NaN)) < 1e-4));
  return at === -1 ? undefined : `version ${version}: number ${at} is ${y[at]}, not ${right[at]}`;
}
