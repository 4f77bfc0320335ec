/** @file How figures are shown, beside what they say themselves. */

/** A figure's own settings with ours. Nothing leaves the machine: Plotly's button that would send the figure away is not there. */
export function plotConfig(config: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { modeBarButtonsToRemove: removed } = config;
  return {
    ...config,
    responsive: true,
    displaylogo: false,
    plotlyServerURL: "",
    modeBarButtonsToRemove: [...(Array.isArray(removed) ? removed : []), "sendChartToCloud"],
  };
}
