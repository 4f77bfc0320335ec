/** @file Where a progress bar stands: pure arithmetic over counts and times, no output. */

/** A snapshot of one bar. Times are milliseconds. */
export interface ProgressState {
  readonly label: string;
  readonly unit: string;
  readonly done: number;
  /** Undefined where the end is unknown. */
  readonly total: number | undefined;
  readonly elapsed: number;
  /** Items per second, smoothed; undefined before the first item. */
  readonly rate: number | undefined;
  readonly status: "running" | "finished" | "stopped" | "failed";
  /** What the program last said of its work, for example `loss 0.31`. */
  readonly note: string;
}

/** The share done from 0 to 1; undefined where the total is unknown. */
export function fraction(state: ProgressState): number | undefined {
  if (state.total === undefined) return undefined;
  return state.total <= 0 ? 1 : Math.min(1, Math.max(0, state.done / state.total));
}

/** Milliseconds still to go at the present rate. */
export function remaining(state: ProgressState): number | undefined {
  if (state.total === undefined || state.rate === undefined || state.rate <= 0) return undefined;
  return (Math.max(0, state.total - state.done) / state.rate) * 1000;
}

/** `0.4 s`, `12 s`, `3:05`, `2:03:05`. */
export function formatDuration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes}:${two(whole % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}

/** `1,234/s`, `3.1/s`, `2.5 s each`. */
export function formatRate(rate: number, unit: string): string {
  const per = unit === "" ? "" : ` ${unit}`;
  if (rate >= 100) return `${Math.round(rate).toLocaleString("en-US")}${per}/s`;
  if (rate >= 1) return `${rate.toFixed(1)}${per}/s`;
  return rate > 0 ? `${(1 / rate).toFixed(1)} s${unit === "" ? " each" : `/${unit}`}` : `0${per}/s`;
}

/** The words after the bar: counts, time and rate. */
export function describe(state: ProgressState): string {
  const count = state.done.toLocaleString("en-US");
  const parts = [state.total === undefined ? count : `${count}/${state.total.toLocaleString("en-US")}`];
  if (state.unit !== "") parts[0] += ` ${state.unit}`;
  const left = state.status === "running" ? remaining(state) : undefined;
  parts.push(
    left === undefined
      ? formatDuration(state.elapsed)
      : `${formatDuration(state.elapsed)}, ${formatDuration(left)} left`,
  );
  if (state.rate !== undefined && state.done > 0) parts.push(formatRate(state.rate, state.unit));
  if (state.status === "stopped" || state.status === "failed") parts.push(state.status);
  return parts.join(" · ");
}
