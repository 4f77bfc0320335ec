/**
 * @file The numbers that a service counts. Who counts holds a cell and changes its plain number: no names are looked up at a
 * request. A snapshot is plain data that travels between processes and is written by `metrics-text.ts`.
 */
import { InvalidInputError } from "../../errors.ts";

/** The labels of one series. */
export type MetricLabels = Readonly<Record<string, string>>;

/** A number that only grows. */
export class Counter {
  value = 0;
}

/** A number that grows and shrinks. */
export class Gauge {
  value = 0;
}

/** How often values fell into each bucket. A bucket holds what is at most its bound; one more holds the rest. */
export class Histogram {
  readonly bounds: Float64Array;
  readonly counts: Float64Array;
  sum = 0;

  constructor(bounds: readonly number[]) {
    if (bounds.some((bound, at) => !Number.isFinite(bound) || (at > 0 && bound <= (bounds[at - 1] ?? bound))))
      throw new InvalidInputError("the bounds of a histogram must be finite and rise");
    this.bounds = Float64Array.from(bounds);
    this.counts = new Float64Array(bounds.length + 1);
  }

  /** Counts a value. */
  observe(value: number): void {
    const { bounds } = this;
    let at = 0;
    while (at < bounds.length && value > (bounds[at] ?? Infinity)) at += 1;
    this.counts[at] = (this.counts[at] ?? 0) + 1;
    this.sum += value;
  }
}

/** How the values of several processes make one. */
export type GaugeMerge = "sum" | "max";

/** One series as plain data. */
export type SeriesSnapshot =
  | { readonly labels: MetricLabels; readonly value: number }
  | {
      readonly labels: MetricLabels;
      readonly bounds: readonly number[];
      readonly counts: readonly number[];
      readonly sum: number;
    };

/** All series of one name as plain data. */
export interface MetricSnapshot {
  readonly name: string;
  readonly help: string;
  readonly kind: "counter" | "gauge" | "histogram";
  readonly merge: GaugeMerge;
  readonly series: readonly SeriesSnapshot[];
}

interface Family {
  readonly help: string;
  readonly kind: MetricSnapshot["kind"];
  readonly merge: GaugeMerge;
  readonly series: Map<string, { readonly labels: MetricLabels; readonly cell: Cell }>;
}

type Cell = Counter | Gauge | Histogram | { readonly read: () => number };

/** All metrics of a process, by name and labels. */
export class Metrics {
  readonly #families = new Map<string, Family>();
  readonly #refreshes: (() => void)[] = [];

  /** The counter of these labels; made where there is none. */
  counter(name: string, help: string, labels: MetricLabels = {}): Counter {
    return this.#cell({ name, help, kind: "counter", merge: "sum" }, labels, () => new Counter());
  }

  /** The gauge of these labels; made where there is none. */
  gauge(name: string, help: string, labels: MetricLabels = {}, merge: GaugeMerge = "sum"): Gauge {
    return this.#cell({ name, help, kind: "gauge", merge }, labels, () => new Gauge());
  }

  /** A gauge, or a counter that something else counts, read when the metrics are. */
  computed(description: Omit<MetricSnapshot, "series">, read: () => number, labels: MetricLabels = {}): void {
    this.#cell(description, labels, () => ({ read }));
  }

  /** The histogram of these labels; made where there is none. */
  histogram(name: string, help: string, bounds: readonly number[], labels: MetricLabels = {}): Histogram {
    return this.#cell({ name, help, kind: "histogram", merge: "sum" }, labels, () => new Histogram(bounds));
  }

  /** Has something done before every snapshot, such as gauges set. */
  beforeSnapshot(refresh: () => void): void {
    this.#refreshes.push(refresh);
  }

  /** All series as they are now. */
  snapshot(): MetricSnapshot[] {
    for (const refresh of this.#refreshes) refresh();
    return Array.from(this.#families, ([name, { help, kind, merge, series }]) => ({
      name,
      help,
      kind,
      merge,
      series: Array.from(series.values(), ({ labels, cell }) => seriesSnapshot(labels, cell)),
    }));
  }

  #cell<C extends Cell>(
    { name, help, kind, merge }: Omit<MetricSnapshot, "series">,
    labels: MetricLabels,
    make: () => C,
  ): C {
    let family = this.#families.get(name);
    if (!family) {
      family = { help, kind, merge, series: new Map() };
      this.#families.set(name, family);
    }
    if (family.kind !== kind)
      throw new InvalidInputError(`the metric ${name} is a ${family.kind}, no ${kind}`);
    const key = seriesKey(labels);
    const found = family.series.get(key);
    // SAFETY: cells of one kind are made by one method only, which the check above has told.
    if (found) return found.cell as C;
    const cell = make();
    family.series.set(key, { labels, cell });
    return cell;
  }
}

function seriesSnapshot(labels: MetricLabels, cell: Cell): SeriesSnapshot {
  if (cell instanceof Histogram)
    return { labels, bounds: [...cell.bounds], counts: [...cell.counts], sum: cell.sum };
  return { labels, value: "read" in cell ? cell.read() : cell.value };
}

/** What tells a series of a name from the others. */
export function seriesKey(labels: MetricLabels): string {
  return JSON.stringify(
    Object.entries(labels).sort(([first], [second]) => (first < second ? -1 : first > second ? 1 : 0)),
  );
}
