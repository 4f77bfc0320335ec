/**
 * @file What the server counts, in Prometheus's text format 0.0.4: requests and their durations by route, the size of the store,
 * memory and processor time of the process.
 */

/** Upper bounds of a duration's buckets in seconds. */
const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const;

interface Durations {
  readonly method: string;
  readonly route: string;
  readonly buckets: number[];
  sum: number;
  count: number;
}

interface Counted {
  readonly labels: Readonly<Record<string, string>>;
  count: number;
}

/** What is looked up when the metrics are asked for. */
export interface Gauges {
  /** In bytes. */
  readonly storeSize: number;
  readonly inFlight: number;
  readonly loginFailures: number;
}

export class RequestMetrics {
  readonly #requests = new Map<string, Counted>();
  readonly #durations = new Map<string, Durations>();

  /** Counts an answer. `seconds`: from the request's head to the answer's end. */
  count(method: string, route: string, status: number, seconds: number): void {
    const known = knownMethods.has(method) ? method : "other";
    const key = `${known} ${route}`;
    const counted = this.#requests.get(`${key} ${status}`) ?? {
      labels: { method: known, route, status: String(status) },
      count: 0,
    };
    counted.count += 1;
    this.#requests.set(`${key} ${status}`, counted);
    const durations = this.#durations.get(key) ?? {
      method: known,
      route,
      buckets: bounds.map(() => 0),
      sum: 0,
      count: 0,
    };
    const bucket = bounds.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) durations.buckets[bucket] = (durations.buckets[bucket] ?? 0) + 1;
    durations.sum += seconds;
    durations.count += 1;
    this.#durations.set(key, durations);
  }

  /** Everything in Prometheus's text format. */
  text({ storeSize, inFlight, loginFailures }: Gauges): string {
    const { user, system } = process.cpuUsage();
    const started = Date.now() / 1000 - process.uptime();
    return [
      ...family("tenon_http_requests_total", "counter", "Requests that were answered."),
      ...[...this.#requests.values()].map(({ labels, count }) =>
        sample("tenon_http_requests_total", labels, count),
      ),
      ...family("tenon_http_request_duration_seconds", "histogram", "Time to the end of the answer."),
      ...[...this.#durations.values()].flatMap(histogram),
      ...single("tenon_http_requests_in_flight", "gauge", "Requests that are being answered.", inFlight),
      ...single("tenon_login_failures_total", "counter", "Wrong passwords and tokens.", loginFailures),
      ...single("tenon_store_size_bytes", "gauge", "Size of the database.", storeSize),
      ...single("process_cpu_seconds_total", "counter", "Processor time.", (user + system) / 1e6),
      ...single("process_resident_memory_bytes", "gauge", "Resident memory.", process.memoryUsage.rss()),
      ...single("process_start_time_seconds", "gauge", "Start, in seconds since 1970.", started),
      "",
    ].join("\n");
  }
}

const knownMethods: ReadonlySet<string> = new Set([
  "GET",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "HEAD",
  "OPTIONS",
]);

function family(name: string, type: string, help: string): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function single(name: string, type: string, help: string, value: number): readonly string[] {
  return [...family(name, type, help), sample(name, {}, value)];
}

function histogram({ method, route, buckets, sum, count }: Durations): readonly string[] {
  const name = "tenon_http_request_duration_seconds";
  let below = 0;
  const lines = bounds.map((bound, at) => {
    below += buckets[at] ?? 0;
    return sample(`${name}_bucket`, { method, route, le: String(bound) }, below);
  });
  return [
    ...lines,
    sample(`${name}_bucket`, { method, route, le: "+Inf" }, count),
    sample(`${name}_sum`, { method, route }, sum),
    sample(`${name}_count`, { method, route }, count),
  ];
}

function sample(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const written = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${written.length > 0 ? `{${written.join(",")}}` : ""} ${value}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}
