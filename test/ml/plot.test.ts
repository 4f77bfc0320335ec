import assert from "node:assert/strict";
import { figure } from "../../ml/plot/index.ts";

describe("figure", () => {
  it("writes typed arrays as lists at any depth, and titles as Plotly wants them", () => {
    const plot = figure(
      [
        {
          type: "heatmap",
          x: Float32Array.of(1, 2),
          z: [Float64Array.of(0.5, 0.25)],
          marker: { color: Int32Array.of(3, 4) },
        },
      ],
      { title: "Heat", xaxis: { title: "hour" }, height: 200 },
    );
    assert.deepEqual(plot.data, [
      { type: "heatmap", x: [1, 2], z: [[0.5, 0.25]], marker: { color: [3, 4] } },
    ]);
    assert.deepEqual(plot.layout.title, { text: "Heat", x: 0.01, xanchor: "left" });
    assert.deepEqual(plot.layout.xaxis?.title, { text: "hour" });
    assert.equal(plot.layout.height, 200);
  });

  it("shows itself as a Plotly figure that survives JSON", () => {
    const plot = figure([{ type: "bar", name: "flights", x: ["ORD"], y: Uint32Array.of(166_341) }], {
      title: "Flights",
    });
    const method: unknown = Reflect.get(plot, Symbol.for("Jupyter.display"));
    assert.ok(typeof method === "function");
    const bundle: unknown = JSON.parse(JSON.stringify(Reflect.apply(method, plot, [])));
    assert.deepEqual(bundle, {
      "application/vnd.plotly.v1+json": {
        data: [{ type: "bar", name: "flights", x: ["ORD"], y: [166_341] }],
        layout: JSON.parse(JSON.stringify(plot.layout)),
        config: { responsive: true },
      },
      "text/plain": 'Figure "Flights" (bar "flights")',
    });
  });
});
