/** @file A Plotly template in the page's colours. What a figure sets itself wins over it. */

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

/** The template for a figure; its own, unchanged, where it sets the colour of its paper. */
export function plotThemeTemplate(layout: Dictionary, theme: "light" | "dark"): Dictionary {
  const own = record(layout["template"]);
  const ownLayout = record(own["layout"]);
  if (typeof layout["paper_bgcolor"] === "string") return own;
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
