import assert from "node:assert/strict";
import { type WidgetEvent, WidgetModels } from "../../../extension/widgets/widget-models.ts";
import { KernelClient } from "../../../jupyter/client.ts";
import { settle } from "../../support/settle.ts";
import { type TestKernel, runCell, startKernel } from "../../kernel/kernel-fixture.ts";

describe("widgets of a kernel", function () {
  this.timeout(60_000);
  let kernel: TestKernel;
  let models: WidgetModels;
  const events: WidgetEvent[] = [];
  before(async () => {
    kernel = await startKernel();
    models = new WidgetModels((error) => assert.fail(String(error)));
    models.onEvent((event) => events.push(event));
    models.connect(kernel.client);
  });
  after(async () => {
    models.disconnect();
    await kernel.stop();
  });
  beforeEach(() => events.splice(0));

  const run = async (code: string): Promise<unknown> => {
    const { error, result } = await runCell(kernel.client, code);
    assert.equal(error, undefined);
    return result;
  };
  const eventOf = async <T extends WidgetEvent["type"]>(type: T): Promise<WidgetEvent & { type: T }> => {
    const isIt = (event: WidgetEvent): event is WidgetEvent & { type: T } => event.type === type;
    assert.ok(await settle(() => events.some(isIt), 10_000), `waited for ${type}`);
    const found = events.find(isIt);
    assert.ok(found !== undefined);
    return found;
  };
  let model = "";
  const value = (name: string): unknown => models.get(model)?.attributes[name]?.value;

  it("are there with their state when a cell has made them", async () => {
    await run(
      "const w = widget({ esm: 'export default {}', state: { n: 1, list: [{ data: new Uint8Array([1, 2]) as Uint8Array | DataView }], bytes: new Uint8Array([255]) } }); w",
    );
    ({ model } = await eventOf("opened"));
    const widget = models.get(model);
    assert.equal(widget?.module, "anywidget");
    assert.equal(value("n"), 1);
    assert.equal(value("_esm"), "export default {}");
    assert.deepEqual(widget.attributes["list"], {
      value: [{}],
      buffers: [{ path: [0, "data"], base64: "AQI=" }],
    });
    assert.deepEqual(widget.attributes["bytes"], { value: null, buffers: [{ path: [], base64: "/w==" }] });
  });

  it("follow what the kernel sets", async () => {
    await run("w.set({ n: 2 })");
    const { attributes, echo } = await eventOf("update");
    assert.deepEqual(attributes, { n: { value: 2, buffers: [] } });
    assert.equal(echo, false);
    assert.equal(value("n"), 2);
  });

  it("take a view's changes to the kernel, whose echo is there when they are delivered", async () => {
    await models.update(model, {
      n: { value: 3, buffers: [] },
      bytes: { value: null, buffers: [{ path: [], base64: "AQID" }] },
      list: { value: [{ data: null }], buffers: [{ path: [0, "data"], base64: "Bw==" }] },
    });
    const echo = await eventOf("update");
    assert.equal(echo.echo, true);
    assert.deepEqual(echo.attributes["bytes"]?.buffers, [{ path: [], base64: "AQID" }]);
    assert.equal(
      await run(
        "const [{ data }] = w.get('list'); [w.get('n'), w.get('bytes').byteLength, data instanceof DataView && data.getUint8(0)].join()",
      ),
      "'3,3,7'",
    );
  });

  it("take and give messages", async () => {
    await run(
      "w.on('message', (content, [first]) => w.send({ got: content }, [first, new Uint8Array([9])]))",
    );
    await models.custom(model, { hello: 1 }, ["BQ=="]);
    const { content, buffers } = await eventOf("custom");
    assert.deepEqual(content, { got: { hello: 1 } });
    assert.deepEqual(buffers, ["BQ==", "CQ=="]);
  });

  it("answer while a cell awaits", async () => {
    const cell = run(
      "while (w.get('n') !== 50) await new Promise((done) => setTimeout(done, 20)); w.get('n')",
    );
    await models.update(model, { n: { value: 50, buffers: [] } });
    assert.equal(await cell, "50");
  });

  it("are found again by one who comes to a kernel that runs", async () => {
    const { connectionFile } = kernel.client;
    assert.ok(connectionFile !== undefined);
    const client = await KernelClient.connect(connectionFile);
    const others = new WidgetModels((error) => assert.fail(String(error)));
    others.connect(client);
    assert.ok(await settle(() => others.get(model) !== undefined, 10_000));
    assert.equal(others.get(model)?.attributes["n"]?.value, 50);
    await others.update(model, { n: { value: 51, buffers: [] } });
    assert.ok(await settle(() => value("n") === 51, 10_000));
    others.disconnect();
    await client.close();
  });

  it("are closed by the notebook's code", async () => {
    await run("w.close()");
    await eventOf("closed");
    assert.equal(models.get(model), undefined);
    assert.ok(models.isClosed(model));
    await models.update(model, { n: { value: 1, buffers: [] } });
  });

  it("go with the kernel, and new ones come after a restart", async () => {
    await run("widget({ esm: '', state: {} })");
    const old = await eventOf("opened");
    models.disconnect();
    assert.deepEqual(events.at(-1), { type: "closed", model: old.model });
    assert.equal(models.isClosed(old.model), false);
    await kernel.client.restart();
    models.connect(kernel.client);
    events.splice(0);
    await run("widget({ esm: '', state: { x: 1 } })");
    const fresh = await eventOf("opened");
    assert.equal(models.get(fresh.model)?.attributes["x"]?.value, 1);
    assert.equal(events.filter(({ type }) => type === "opened").length, 1);
  });
});
