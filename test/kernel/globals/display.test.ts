import assert from "node:assert/strict";
import { createDisplay } from "../../../kernel/child/globals/display.ts";
import { createProgress } from "../../../kernel/child/globals/progress.ts";
import { renderValue } from "../../../kernel/child/rich/index.ts";
import { installGlobals } from "../../../kernel/child/globals/index.ts";
import { RecordingHost } from "./recording-host.ts";

describe("display", () => {
  let host: RecordingHost;
  let display: ReturnType<typeof createDisplay>;
  beforeEach(() => {
    host = new RecordingHost();
    display = createDisplay(host);
  });

  const only = (): {
    readonly type: string;
    readonly data: Record<string, unknown>;
    readonly metadata: object;
  } => {
    const [output] = host.emitted;
    assert.ok(output !== undefined && output.type !== "clear");
    assert.equal(host.emitted.length, 1);
    return output;
  };

  it("shows a value and updates it in place", () => {
    const handle = display(1, { id: "one" });
    handle.update([{ a: 1 }]);
    handle.clear();
    assert.deepEqual(
      host.emitted.map((output) => output.type !== "clear" && [output.type, output.id]),
      [
        ["display", "one"],
        ["update", "one"],
        ["update", "one"],
      ],
    );
    assert.deepEqual(host.texts(), ["1", "   a\n────\n0  1\n\n1 row × 1 column", ""]);
  });

  it("updates in the way that it was shown", () => {
    display.markdown("*a*").update("*b*");
    display.png("AQI=", { width: 3 }).update(new Uint8Array([3]));
    assert.deepEqual(
      host.emitted.map((output) => output.type !== "clear" && [output.data, output.metadata]),
      [
        [{ "text/markdown": "*a*", "text/plain": "*a*" }, {}],
        [{ "text/markdown": "*b*", "text/plain": "*b*" }, {}],
        [{ "image/png": "AQI=", "text/plain": "[image/png]" }, { "image/png": { width: 3 } }],
        [{ "image/png": "Aw==", "text/plain": "[image/png]" }, { "image/png": { width: 3 } }],
      ],
    );
    assert.throws(() => display.html("x").update(3), /takes text, not 3/);
  });

  it("gives handles that show nothing as a cell's result", () => {
    assert.deepEqual(renderValue(display(1)), {});
    assert.deepEqual(renderValue(display.png("")), {});
    assert.deepEqual(renderValue(createProgress(host).progress(3)), {});
  });

  it("shows undefined when asked to", () => {
    display(undefined);
    assert.deepEqual(only().data, { "text/plain": "undefined" });
  });

  it("makes the cell wait for an asynchronous display and keeps the order of updates", async () => {
    const handle = display({ [Symbol.for("Jupyter.display")]: async () => ({ "text/plain": "first" }) });
    handle.update("second");
    assert.equal(host.emitted.length, 0);
    await Promise.all(host.waits);
    assert.deepEqual(host.texts(), ["first", "'second'"]);
  });

  it("shows raw MIME content", () => {
    display.html("<b>x</b>");
    display.markdown("**x**");
    display.latex("$x$");
    display.svg("<svg/>");
    display.json({ a: [1n] });
    display({ "text/html": "raw" }, { raw: true });
    assert.deepEqual(
      host.emitted.map((output) => output.type !== "clear" && output.data),
      [
        { "text/html": "<b>x</b>", "text/plain": "[HTML]" },
        { "text/markdown": "**x**", "text/plain": "**x**" },
        { "text/latex": "$x$", "text/plain": "$x$" },
        { "image/svg+xml": '<svg xmlns="http://www.w3.org/2000/svg"/>', "text/plain": "[SVG]" },
        { "application/json": { a: [1] }, "text/plain": "{ a: [ 1n ] }" },
        { "text/html": "raw" },
      ],
    );
    assert.throws(() => display(3, { raw: true }), /takes a MIME bundle/);
  });

  it("shows images from bytes, base64 and data URLs, with their size", () => {
    display.png(new Uint8Array([1, 2]), { width: 10, alt: "dot" });
    const { data, metadata } = only();
    assert.deepEqual(data, { "image/png": "AQI=", "text/plain": "dot" });
    assert.deepEqual(metadata, { "image/png": { width: 10, alt: "dot" } });
    display.jpeg("data:image/jpeg;base64,AQI=");
    assert.equal(host.emitted[1]?.type === "display" && host.emitted[1].data["image/jpeg"], "AQI=");
  });

  it("shows Plotly figures and refuses what is none", () => {
    display.plotly({ data: [{ y: [1, 2] }] });
    assert.ok("application/vnd.plotly.v1+json" in only().data);
    assert.throws(() => display.plotly({ data: [] }), /takes a figure/);
  });

  it("shows tables with chosen rows and columns", () => {
    const rows = Array.from({ length: 9 }, (_, index) => ({ a: index, b: "x", c: true }));
    display.table(rows, { rows: 2, columns: ["c", "a"] });
    assert.deepEqual(host.texts(), [
      "   c     a\n──────────\n0  true  0\n1  true  1\n\n9 rows × 3 columns, the first 2 rows and 2 columns shown",
    ]);
    assert.throws(() => display.table(rows, { columns: ["nope"] }), /no column "nope"; there are a, b, c/);
  });

  it("clears and updates by id", () => {
    display.clear({ wait: true });
    display.update("status", "two");
    assert.deepEqual(host.emitted, [
      { type: "clear", wait: true },
      { type: "update", id: "status", data: { "text/plain": "'two'" }, metadata: {} },
    ]);
  });

  it("is there for cells and for the library", () => {
    const target: { [key: PropertyKey]: unknown } = {};
    installGlobals(host, target);
    for (const name of ["display", "progress", "widget", "cell"]) assert.ok(target[name] !== undefined, name);
    const offered = target[Symbol.for("tenon.notebook")];
    assert.ok(typeof offered === "object" && offered !== null && "version" in offered && "cellId" in offered);
    assert.equal(offered.version, 1);
    assert.equal(offered.cellId, "cell-1");
  });
});
