/**
 * @file What was logged and isn't in a batch yet. Adding is the hot path: a push to a list.
 *
 * Batches keep MLflow's limits: 1,000 metrics, 100 params, 100 tags, 1,000 of all together, and 1 MB of JSON.
 */

const limits = { all: 1000, params: 100, tags: 100 } as const;
/** Bytes; MLflow's limit is 1,000,000. */
const largestBody = 900_000;

interface Point {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
  readonly modelId: string | undefined;
}

/** Entries in the order in which they were logged. */
export class PendingBatch {
  #points: Point[] = [];
  #params: (readonly [key: string, value: string])[] = [];
  readonly #tags = new Map<string, string>();
  /** Keys of metrics as JSON, which is asked for once for each. */
  readonly #keys = new Map<string, string>();

  get size(): number {
    return this.#points.length + this.#params.length + this.#tags.size;
  }

  addPoint(point: Point): void {
    this.#points.push(point);
  }

  addParam(key: string, value: string): void {
    this.#params.push([key, value]);
  }

  /** Of two values of one key the later stays. */
  addTag(key: string, value: string): void {
    this.#tags.delete(key);
    this.#tags.set(key, value);
  }

  /** Takes all that is pending as bodies of `runs/log-batch`, in order. */
  take(runId: string): string[] {
    const bodies: string[] = [];
    const points = this.#points.map((point) => this.#pointJson(point));
    const params = this.#params.map(keyValueJson);
    const tags = [...this.#tags].map(keyValueJson);
    this.#points = [];
    this.#params = [];
    this.#tags.clear();
    const at = { params: 0, tags: 0, points: 0 };
    while (at.params < params.length || at.tags < tags.length || at.points < points.length) {
      let room = largestBody;
      let count = 0;
      const chosen = (from: readonly string[], start: number, limit: number): string[] => {
        let end = start;
        while (end < from.length && end - start < limit && count < limits.all) {
          const bytes = byteLength(from[end] ?? "") + 1;
          // What is too large alone goes alone: the store says what it thinks of it.
          if (bytes > room && count > 0) break;
          room -= bytes;
          count += 1;
          end += 1;
        }
        return from.slice(start, end);
      };
      const [someParams, someTags] = [
        chosen(params, at.params, limits.params),
        chosen(tags, at.tags, limits.tags),
      ];
      const somePoints = chosen(points, at.points, limits.all);
      at.params += someParams.length;
      at.tags += someTags.length;
      at.points += somePoints.length;
      bodies.push(
        `{"run_id":${JSON.stringify(runId)}${list("metrics", somePoints)}${list("params", someParams)}${list("tags", someTags)}}`,
      );
    }
    return bodies;
  }

  #pointJson({ key, value, timestamp, step, modelId }: Point): string {
    let keyJson = this.#keys.get(key);
    if (keyJson === undefined) this.#keys.set(key, (keyJson = JSON.stringify(key)));
    // JSON has no NaN and no infinity: protobuf's JSON writes them as texts.
    const shown = Number.isFinite(value) ? String(value) : `"${value}"`;
    const model = modelId === undefined ? "" : `,"model_id":${JSON.stringify(modelId)}`;
    return `{"key":${keyJson},"value":${shown},"timestamp":${timestamp},"step":${step}${model}}`;
  }
}

function keyValueJson([key, value]: readonly [string, string]): string {
  return `{"key":${JSON.stringify(key)},"value":${JSON.stringify(value)}}`;
}

function list(name: string, items: readonly string[]): string {
  return items.length === 0 ? "" : `,"${name}":[${items.join(",")}]`;
}

/** At most three bytes of UTF-8 for each unit of UTF-16: exact only where it matters. */
function byteLength(text: string): number {
  return text.length < 300 ? text.length * 3 : Buffer.byteLength(text);
}
