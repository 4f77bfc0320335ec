/** @file Figures of a study: its history, its parameters against its values, what mattered. */
import { InvalidInputError } from "../errors.ts";
import { type Axis, figure, type Figure, type Trace } from "../plot/index.ts";
import { parameterImportances } from "./importance.ts";
import type { Study, StudyTrial } from "./study.ts";

/** A completed trial with a finite value. */
interface Point {
  readonly number: number;
  readonly value: number;
  readonly parameters: StudyTrial["parameters"];
}

/** The value of each trial, and the best so far. */
export function historyPlot<Settings>(study: Study<Settings>): Figure {
  const points = pointsOf(study);
  const best: number[] = [];
  for (const { value } of points) best.push(better(study, best.at(-1) ?? value, value));
  const numbers = points.map(({ number }) => number);
  return figure(
    [
      { type: "scatter", mode: "markers", name: "value", x: numbers, y: points.map(({ value }) => value) },
      { type: "scatter", mode: "lines", name: "best so far", x: numbers, y: best, line: { shape: "hv" } },
    ],
    { title: `History of ${study.name}`, xaxis: { title: "trial" }, yaxis: { title: "value" } },
  );
}

/**
 * The value of each trial against each parameter; the colour is the trial's number.
 * @param names which parameters; all where absent
 */
export function slicePlot<Settings>(study: Study<Settings>, names?: readonly string[]): Figure {
  const points = pointsOf(study);
  const shown = chosenNames(points, names);
  const traces = shown.map((name, at): Trace => {
    const having = points.filter(({ parameters }) => parameters.has(name));
    const isLast = at === shown.length - 1;
    return {
      type: "scatter",
      mode: "markers",
      name,
      x: having.map((point) => shownValue(point, name)),
      y: having.map(({ value }) => value),
      ...(at > 0 && { xaxis: `x${at + 1}` }),
      marker: {
        color: having.map(({ number }) => number),
        colorscale: "Blues",
        reversescale: true,
        cmin: 0,
        cmax: points.at(-1)?.number ?? 0,
        line: { width: 0.5, color: "#888888" },
        ...(isLast && { showscale: true, colorbar: { title: { text: "trial" } } }),
      },
    };
  });
  const axes = shown.map((name, at): [string, Axis] => [
    at === 0 ? "xaxis" : `xaxis${at + 1}`,
    {
      title: { text: name },
      domain: column(at, shown.length),
      automargin: true,
      ...axisOf(points, name),
    },
  ]);
  return figure(traces, {
    title: `Slices of ${study.name}`,
    ...Object.fromEntries(axes),
    yaxis: { title: "value" },
    showlegend: false,
  });
}

/** How many colours the lines of {@link parallelCoordinatePlot} have. */
const colours = 12;

/**
 * A line for each trial through its parameters, each from its lowest to its highest value (logarithms where it has a log
 * scale); dark lines are good ones. Trials that lack one of the parameters are left out.
 * @param names which parameters; those that all trials have where absent
 */
export function parallelCoordinatePlot<Settings>(study: Study<Settings>, names?: readonly string[]): Figure {
  const points = pointsOf(study);
  const common = chosenNames(points).filter((name) => points.every(({ parameters }) => parameters.has(name)));
  const shown = names ? chosenNames(points, names) : common;
  const whole = points.filter(({ parameters }) => shown.every((name) => parameters.has(name)));
  const axes = [valueAxis(whole), ...shown.map((name) => parameterAxis(whole, name))];
  const ordered = whole.toSorted((a, b) => (better(study, a.value, b.value) === a.value ? 1 : -1));
  const count = Math.min(colours, ordered.length);
  const groups = Array.from({ length: count }, (_, group) =>
    ordered.slice(
      Math.floor((group * ordered.length) / count),
      Math.floor(((group + 1) * ordered.length) / count),
    ),
  );
  const lines = groups.map((group, at): Trace => {
    const share = groups.length === 1 ? 1 : at / (groups.length - 1);
    return {
      type: "scatter",
      mode: "lines",
      // A gap after each trial.
      x: group.flatMap(() => [...axes.keys(), null]),
      y: group.flatMap((point) => [...axes.map((axis) => axis.place(point)), null]),
      line: { color: shade(share), width: 1 },
      hoverinfo: "skip",
    };
  });
  const ticks = axes.flatMap(({ ticks }, at) => ticks.map((tick) => ({ ...tick, at })));
  return figure(
    [
      ...lines,
      {
        type: "scatter",
        mode: "text",
        x: ticks.map(({ at }) => at),
        y: ticks.map(({ place }) => place),
        text: ticks.map(({ text }) => text),
        textposition: ticks.map(({ place }) =>
          place === 0 ? "bottom center" : place === 1 ? "top center" : "middle right",
        ),
        hoverinfo: "skip",
      },
    ],
    {
      title: `Parameters of ${study.name}`,
      xaxis: {
        tickvals: [...axes.keys()],
        ticktext: ["value", ...shown],
        range: [-0.3, axes.length - 0.7],
        zeroline: false,
      },
      yaxis: { visible: false, range: [-0.12, 1.12] },
      showlegend: false,
    },
  );
}

/** The importance of each parameter, by {@link parameterImportances}. */
export function importancePlot<Settings>(study: Study<Settings>): Figure {
  const importances = Object.entries(parameterImportances(study)).toReversed();
  if (importances.length === 0)
    throw new InvalidInputError(`no trial of study "${study.name}" was completed`);
  const shares = importances.map(([, importance]) => importance);
  return figure(
    [
      {
        type: "bar",
        orientation: "h",
        x: shares,
        y: importances.map(([name]) => name),
        text: shares.map((share) => share.toFixed(2)),
      },
    ],
    { title: `Importance of parameters in ${study.name}`, xaxis: { title: "importance" } },
  );
}

/** One of the axes that a line goes through. */
interface LineAxis {
  /** From 0 at the bottom to 1 at the top. */
  place(point: Point): number;
  readonly ticks: readonly { readonly place: number; readonly text: string }[];
}

function valueAxis(points: readonly Point[]): LineAxis {
  return numericAxis(points, ({ value }) => value, String);
}

function parameterAxis(points: readonly Point[], name: string): LineAxis {
  const distribution = points[0]?.parameters.get(name)?.distribution;
  const internal = ({ parameters }: Point): number => parameters.get(name)?.internal ?? 0;
  if (distribution?.kind !== "categorical") {
    return distribution?.log === true
      ? numericAxis(
          points,
          (point) => Math.log(internal(point)),
          (place) => String(Math.exp(place)),
        )
      : numericAxis(points, internal, String);
  }
  const last = Math.max(1, distribution.choices.length - 1);
  return {
    place: (point) => internal(point) / last,
    ticks: distribution.choices.map((choice, at) => ({ place: at / last, text: String(choice) })),
  };
}

function numericAxis(
  points: readonly Point[],
  number: (point: Point) => number,
  text: (number: number) => string,
): LineAxis {
  const numbers = points.map(number);
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const range = high === low ? 1 : high - low;
  const label = (at: number): string => String(Number(Number(text(at)).toPrecision(3)));
  return {
    place: (point) => (number(point) - low) / range,
    ticks: [
      { place: 0, text: label(low) },
      { place: 1, text: label(high) },
    ],
  };
}

function pointsOf<Settings>({ name, trials }: Study<Settings>): readonly Point[] {
  const points = trials.flatMap(({ number, value, parameters }) =>
    value === undefined || !Number.isFinite(value) ? [] : [{ number, value, parameters }],
  );
  if (points.length === 0) throw new InvalidInputError(`no trial of study "${name}" was completed`);
  return points;
}

function chosenNames(points: readonly Point[], names?: readonly string[]): readonly string[] {
  const all = [...new Set(points.flatMap(({ parameters }) => [...parameters.keys()]))];
  const unknown = names?.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new InvalidInputError(`the study has no parameter "${unknown}"`);
  return names ?? all;
}

function better<Settings>({ direction }: Study<Settings>, a: number, b: number): number {
  return direction === "minimize" ? Math.min(a, b) : Math.max(a, b);
}

function axisOf(points: readonly Point[], name: string): Axis {
  const having = points.find(({ parameters }) => parameters.has(name));
  const distribution = having?.parameters.get(name)?.distribution;
  if (distribution?.kind !== "categorical") return { type: distribution?.log === true ? "log" : "linear" };
  return {
    type: "category",
    categoryorder: "array",
    categoryarray: distribution.choices.map((choice) => String(choice)),
  };
}

/** A number for an axis of numbers, a text for one of categories. */
function shownValue({ parameters }: Point, name: string): string | number {
  const parameter = parameters.get(name);
  return parameter?.distribution.kind === "categorical"
    ? String(parameter.value)
    : (parameter?.internal ?? 0);
}

function column(at: number, count: number): readonly [number, number] {
  const gap = 0.06;
  const width = (1 - gap * (count - 1)) / count;
  return [at * (width + gap), at * (width + gap) + width];
}

/** From a light to a dark blue. */
function shade(share: number): string {
  const mix = (from: number, to: number): number => Math.round(from + share * (to - from));
  return `rgb(${mix(205, 8)}, ${mix(220, 48)}, ${mix(240, 107)})`;
}
