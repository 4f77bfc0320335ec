/** @file A notebook with one of everything that an export shows; its random numbers are the same every time. */
import type { Cell, CellOutput, JsonObject, Notebook } from "../../jupyter/notebook-file.ts";
import { tableBundle } from "../../kernel/child/rich/table-display.ts";

const escape = "\u001b";
const onePixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

export function markdown(source: string, attachments?: Record<string, JsonObject>): Cell {
  return {
    cell_type: "markdown",
    metadata: {},
    source,
    ...(attachments === undefined ? {} : { attachments }),
  };
}

let executed = 0;

export function code(source: string, outputs: CellOutput[] = [], seconds = 0.012): Cell {
  executed += 1;
  const start = new Date(Date.UTC(2026, 10, 23, 14, 0, executed * 10));
  return {
    cell_type: "code",
    metadata: {
      execution: {
        "iopub.execute_input": start.toISOString(),
        "shell.execute_reply": new Date(start.getTime() + seconds * 1000).toISOString(),
      },
    },
    source,
    execution_count: executed,
    outputs,
  };
}

export function display(data: JsonObject, metadata: JsonObject = {}): CellOutput {
  return { output_type: "display_data", data, metadata };
}

export function stream(text: string, name = "stdout"): CellOutput {
  return { output_type: "stream", name, text };
}

export function notebook(cells: Cell[]): Notebook {
  return {
    cells,
    metadata: {
      kernelspec: { name: "tenon", display_name: "TypeScript (Tenon)", language: "typescript" },
      language_info: { name: "typescript" },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
}

function rocCurve(power: number): { x: number[]; y: number[] } {
  const x = Array.from({ length: 60 }, (_, index) => index / 59);
  return { x, y: x.map((value) => value ** power) };
}

const rocFigure = {
  data: [
    {
      ...rocCurve(0.42),
      type: "scatter",
      mode: "lines",
      name: "logistic model, AUC 0.704",
      line: { width: 3 },
    },
    {
      ...rocCurve(0.62),
      type: "scatter",
      mode: "lines",
      name: "carrier average, AUC 0.617",
      line: { width: 2 },
    },
    {
      x: [0, 1],
      y: [0, 1],
      type: "scatter",
      mode: "lines",
      name: "chance",
      line: { dash: "dot", width: 1.5 },
    },
  ],
  layout: {
    title: { text: "ROC on the hold-out month" },
    xaxis: { title: { text: "false positive rate" } },
    yaxis: { title: { text: "true positive rate" } },
    height: 420,
  },
};

const heatmapFigure = {
  data: [
    {
      type: "heatmap",
      z: [
        [812, 64],
        [97, 221],
      ],
      x: ["on time", "late"],
      y: ["on time", "late"],
      colorscale: "Blues",
    },
  ],
  layout: { title: { text: "Confusion matrix" }, height: 340 },
};

const table = tableBundle({
  kind: "table",
  columns: [
    { name: "carrier", type: "string" },
    { name: "origin", type: "string" },
    { name: "distance", type: "number" },
    { name: "delay", type: "number" },
  ],
  rows: [
    ["WN", "ABQ", 480, -4.5],
    ["DL", "ATL", 1946, 12.25],
    ["AA", "ORD", 733, undefined],
    ["UA", "SFO", 2585, 61],
  ],
  rowCount: 3_000_000,
  columnCount: 4,
  indexed: true,
});

const traceback = [
  `${escape}[31m${escape}[1mRangeError${escape}[0m: the learning rate must be above 0, it is ${escape}[33m-0.1${escape}[0m`,
  `${escape}[90m  at${escape}[0m ${escape}[36mcheckRate${escape}[0m (cell 9, line 2)`,
  `${escape}[90m    1 |${escape}[0m function checkRate(rate: number) {`,
  `${escape}[31m  > 2 |${escape}[0m   if (rate <= 0) throw new RangeError(\`the learning rate must be above 0, it is \${rate}\`);`,
  `${escape}[90m      |${escape}[0m                        ${escape}[31m^${escape}[0m`,
];

const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="320" height="90" viewBox="0 0 320 90"><rect x="8" y="20" width="90" height="50" rx="8" fill="#e8d5bf" stroke="#8a4b14"/><rect x="222" y="20" width="90" height="50" rx="8" fill="#dbe7f5" stroke="#1a56a8"/><path d="M98 45h124" stroke="#333" fill="none"/><text x="53" y="50" text-anchor="middle" font-family="sans-serif" font-size="14">features</text><text x="267" y="50" text-anchor="middle" font-family="sans-serif" font-size="14">model</text></svg>`;

/** The rich sample. */
export function sampleNotebook(): Notebook {
  executed = 0;
  return notebook([
    markdown(
      "# Predicting long flight delays\n\nWill a flight arrive **15 minutes late or more**? We train a small model on [real flights](https://www.transtats.bts.gov/) and hold out the last month.\n\n- [x] read three million flights\n- [x] build the features\n- [ ] try gradient boosting\n\n> A prediction is only worth something on months that the model has not seen.",
    ),
    markdown(
      "## Data\n\nEach row is one flight. Delays are in minutes; `delay` is negative when a flight is early.",
    ),
    code(
      'import { readParquet } from "tenon/data";\n\n// Three million rows stay on disk; only the sample is read.\nconst flights = await readParquet("flights-3m.parquet");\nconst sample: Flight[] = flights.filter((row) => row.distance > 200).take(4);\nsample;',
      [{ output_type: "execute_result", data: table, metadata: {}, execution_count: 1 }],
      1.34,
    ),
    code(
      "%time await flights.count();\nfor (let epoch = 0; epoch < 40; epoch += 1) console.log(`epoch ${epoch}: loss ${loss(epoch).toFixed(4)}`);",
      [
        stream("\rreading   0%\rreading  50%"),
        stream("\rreading 100%  3,000,000 rows\n"),
        stream(
          Array.from(
            { length: 40 },
            (_, epoch) =>
              `${escape}[90mepoch ${epoch}${escape}[0m: loss ${escape}[32m${(0.7 * 0.97 ** epoch).toFixed(4)}${escape}[0m\n`,
          ).join(""),
        ),
        stream("(node) Warning: 12 rows have no tail number\n", "stderr"),
      ],
      42.7,
    ),
    markdown(
      "## Model\n\nThe chance of a long delay is $p = \\sigma(w^\\top x + b)$, and training minimises the log-loss\n\n$$\\mathcal{L}(w) = -\\frac{1}{n}\\sum_{i=1}^{n} \\Bigl[ y_i \\log p_i + (1 - y_i) \\log (1 - p_i) \\Bigr] + \\lambda \\lVert w \\rVert_2^2$$\n\nA flight costs $5 to score a million times, not $50.\n\n| model | AUC | log-loss |\n|:--|--:|--:|\n| base rate | 0.500 | 0.482 |\n| carrier average | 0.617 | 0.463 |\n| **logistic** | **0.704** | **0.428** |",
    ),
    code(
      "plot.roc(model, holdout);",
      [display({ "application/vnd.plotly.v1+json": rocFigure, "text/plain": "ROC curve" })],
      0.31,
    ),
    markdown(
      "### Where it errs\n\nThe model misses delays that begin at another airport.\n\n```ts\nconst recall = truePositives / (truePositives + falseNegatives); // 0.69\n```",
    ),
    code("plot.confusion(model, holdout);", [
      display({ "application/vnd.plotly.v1+json": heatmapFigure, "text/plain": "Confusion matrix" }),
    ]),
    code("diagram(model);", [display({ "image/svg+xml": svg, "text/plain": "Model diagram" })]),
    code("await inspect(model);", [
      display({
        "application/json": {
          name: "flight-delays",
          version: 3,
          inputs: ["carrier", "hour", "distance"],
          metrics: { auc: 0.704, logLoss: 0.428 },
          calibrated: true,
          parent: null,
        },
      }),
      display({ "image/png": onePixel, "text/plain": "A pixel" }, { width: 40, height: 40 }),
    ]),
    code("wide;", [
      display({
        "text/html": `<table><tr>${"<th>a wide column</th>".repeat(30)}</tr><tr>${"<td>1</td>".repeat(30)}</tr></table>`,
      }),
    ]),
    markdown("## Errors\n\nA cell that fails says where."),
    code(
      "function checkRate(rate: number) {\n  if (rate <= 0) throw new RangeError(`the learning rate must be above 0, it is ${rate}`);\n}\ncheckRate(-0.1);",
      [{ output_type: "error", ename: "RangeError", evalue: "the learning rate must be above 0", traceback }],
    ),
    code('display.markdown("**Done.** The model is in `models/flight-delays`.");', [
      display({ "text/markdown": "**Done.** The model is in `models/flight-delays`." }),
      display({ "text/latex": "$$\\int_0^1 \\mathrm{ROC}(t)\\,dt = 0.704$$" }),
    ]),
  ]);
}
