/**
 * @file A Plotly template in the page's colours. What a figure sets itself wins over it, but for white and grey grounds,
 * texts and grids: libraries set those for a white page, and here they are the theme's.
 */

type Dictionary = Readonly<Record<string, unknown>>;

const colours = {
  light: { text: "#2b2f36", faint: "#5b616b", grid: "#e6e2db", line: "#b9b3a8", ground: "#fdfcfa" },
  dark: { text: "#e6e4e0", faint: "#a9adb5", grid: "#34373d", line: "#5b5f67", ground: "#17181b" },
};

const colourway = {
  light: ["#2563a8", "#c2571a", "#2e7d4f", "#8b3fa0", "#a8323e", "#0f7480", "#7d6200", "#5f6670"],
  dark: ["#7ab3f0", "#f0a060", "#7fcf9a", "#cf96e0", "#f08a8f", "#6fd0d8", "#e0c060", "#a9adb5"],
};

function record(value: unknown): Dictionary {
  // SAFETY: any object that isn't null can be read by property name.
  return typeof value === "object" && value !== null ? (value as Dictionary) : {};
}

function channels(colour: string): number[] | undefined {
  const text = colour.trim().toLowerCase();
  if (text === "white") return [255, 255, 255];
  if (text === "black") return [0, 0, 0];
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/.exec(text);
  if (short !== null) return short.slice(1).map((digit) => Number.parseInt(digit + digit, 16));
  const long = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/.exec(text);
  if (long !== null) return long.slice(1).map((digits) => Number.parseInt(digits, 16));
  return /^rgba?\(/.test(text) ? (text.match(/\d+(?:\.\d+)?/g) ?? []).slice(0, 3).map(Number) : undefined;
}

/** True for white, black and the greys between. */
function isNeutral(colour: unknown): boolean {
  const parts = typeof colour === "string" ? channels(colour) : undefined;
  return parts !== undefined && Math.max(...parts) - Math.min(...parts) <= 12;
}

const themedColours = new Set([
  "paper_bgcolor",
  "plot_bgcolor",
  "gridcolor",
  "zerolinecolor",
  "linecolor",
  "tickcolor",
]);

function withoutNeutral(part: Dictionary): Dictionary {
  return Object.fromEntries(
    Object.entries(part)
      .filter(([name, value]) => !(themedColours.has(name) && isNeutral(value)))
      .map(([name, value]) => [
        name,
        /^(?:[xy]axis\d*|font|tickfont)$/.test(name) ? fontOrAxis(name, record(value)) : value,
      ]),
  );
}

function fontOrAxis(name: string, part: Dictionary): Dictionary {
  if (name.endsWith("axis") || /axis\d+$/.test(name)) return withoutNeutral(part);
  const { color, ...others } = part;
  return isNeutral(color) ? others : part;
}

/** A figure's layout in the page's theme; one on a coloured ground keeps all its colours. */
export function themedLayout(layout: Dictionary, theme: "light" | "dark"): Dictionary {
  const ground = layout["paper_bgcolor"];
  if (typeof ground === "string" && !isNeutral(ground) && !/^(?:rgba\(.*,\s*0\)|transparent)$/.test(ground))
    return layout;
  return { ...withoutNeutral(layout), template: plotTheme(layout, theme) };
}

function plotTheme(layout: Dictionary, theme: "light" | "dark"): Dictionary {
  const own = record(layout["template"]);
  const ownLayout = record(own["layout"]);
  const { text, faint, grid, line, ground } = colours[theme];
  const axis = {
    gridcolor: grid,
    zerolinecolor: line,
    linecolor: line,
    tickcolor: line,
    tickfont: { color: faint },
    automargin: true,
  };
  const axisOf = (name: string): Dictionary => ({ ...record(ownLayout[name]), ...axis });
  return {
    ...own,
    layout: {
      colorway: colourway[theme],
      hovermode: "closest",
      title: { x: 0, xref: "paper", xanchor: "left", font: { size: 16 } },
      margin: { l: 56, r: 24, t: layout["title"] === undefined ? 24 : 56, b: 48 },
      ...ownLayout,
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: {
        family: 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
        size: 13,
        ...record(ownLayout["font"]),
        color: text,
      },
      hoverlabel: { bgcolor: ground, bordercolor: line, font: { color: text } },
      legend: { ...record(ownLayout["legend"]), bgcolor: "rgba(0,0,0,0)" },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: faint, activecolor: text },
      xaxis: axisOf("xaxis"),
      yaxis: axisOf("yaxis"),
      polar: { bgcolor: "rgba(0,0,0,0)", angularaxis: axis, radialaxis: axis },
      scene: { xaxis: axis, yaxis: axis, zaxis: axis },
    },
  };
}
