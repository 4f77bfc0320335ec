import assert from "node:assert/strict";
import { CliFolder } from "../../cli/cli-fixture.ts";

describe("tensors in a notebook", function () {
  this.timeout(60_000);
  let folder: CliFolder;
  before(async () => {
    folder = await CliFolder.create();
  });
  after(async () => folder.remove());

  it("are computed in a thread with which the kernel ends", async () => {
    await folder.write("a.ipynb", [
      'import { jit, tensor, Tensor } from "tenon/graph";\nconst twice = jit((x: Tensor) => x.add(x));',
      "const kept = await twice(tensor([1, 2]));\nArray.from(await (await twice(kept)).data()).join()",
    ]);
    const { code, stdout, stderr } = await folder.run(["run", "a.ipynb"]);
    assert.equal(code, 0, stderr + stdout);
    assert.match(JSON.stringify(await folder.read("output/a.ipynb")), /4,8/);
  });

  it("an operator that fails is said with the line of the cell that applied it", async () => {
    await folder.write("b.ipynb", [
      'import { jit, tensor, Tensor } from "tenon/graph";\nconst ratio = (a: Tensor, b: Tensor): Tensor => a.div(b);',
      'await jit((a: Tensor, b: Tensor): Tensor => ratio(a, b))(tensor([1], "int32"), tensor([0], "int32"));',
    ]);
    const { code, stdout, stderr } = await folder.run(["run", "b.ipynb"]);
    assert.equal(code, 1);
    assert.match(
      stdout + stderr,
      /Div of int32 \[1\] and int32 \[1\], applied at Cell \[1\]:2:\d+, failed: .*division by zero/,
    );
  });
});
