/** @file A point of a metric, and how its value is stored. */
/** A point of a metric. */
export interface Metric {
  readonly key: string;
  /** Any float64, NaN and the infinities among them. */
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly step: number;
  /** The logged model that it measures. */
  readonly modelId?: string | undefined;
  readonly datasetName?: string | undefined;
  readonly datasetDigest?: string | undefined;
}

/** A value and whether it is NaN, as they are stored. */
export function storedValue(value: number): readonly [number, number] {
  if (Number.isNaN(value)) return [0, 1];
  if (Number.isFinite(value)) return [value, 0];
  return [value > 0 ? Number.MAX_VALUE : -Number.MAX_VALUE, 0];
}
