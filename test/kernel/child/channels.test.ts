import assert from "node:assert/strict";
import type { CommMessage } from "../../../kernel/child/protocol.ts";
import { TestKernel } from "./harness.ts";

describe("input, comms and the inspector of the child", function () {
  this.timeout(30_000);
  let kernel: TestKernel;
  before(async () => {
    kernel = await TestKernel.start();
  });
  after(async () => {
    await kernel.stop();
  });

  describe("input", () => {
    /** Runs a cell and answers what it asks; gives the prompts too. */
    const ask = async (
      source: string,
      ...answers: string[]
    ): Promise<{
      text: string | undefined;
      prompts: string[];
      stdout: string;
      error: string | undefined;
    }> => {
      const request = kernel.start(source, { allowStdin: true });
      const asked = (): string[] =>
        kernel.messages.flatMap((message) =>
          message.type === "input_request" && message.request === request ? [message.prompt] : [],
        );
      for (const [index, answer] of answers.entries()) {
        await kernel.message(() => asked().length > index);
        kernel.child.inputReply(answer);
      }
      const run = await kernel.finished(request);
      return { text: run.text, prompts: asked(), stdout: run.stdout, error: run.error?.evalue };
    };

    it("comes from prompt, confirm and alert", async () => {
      const { text, prompts } = await ask(
        "[prompt('Name?'), prompt('City?', 'Rome'), confirm('Sure?'), confirm('Really?'), alert('Done')].join()",
        "Ada",
        "",
        "y",
        "no",
        "",
      );
      assert.equal(text, "'Ada,Rome,true,false,'");
      assert.deepEqual(prompts, [
        "Name? ",
        "City? [Rome] ",
        "Sure? [y/N] ",
        "Really? [y/N] ",
        "Done [Enter] ",
      ]);
    });

    it("comes from process.stdin and readline, cell after cell", async () => {
      const source =
        "import { createInterface } from 'node:readline/promises';\nconst lines = createInterface({ input: process.stdin, output: process.stdout });\nconst answer = await lines.question('Which? '); lines.close(); answer";
      for (const name of ["Bob", "Eve"]) {
        const { text, stdout } = await ask(source, name);
        assert.equal(text, `'${name}'`);
        assert.equal(stdout, "Which? ");
      }
    });

    it("can be interrupted, and a late answer goes nowhere", async () => {
      const request = kernel.start("prompt('wait')", { allowStdin: true });
      await kernel.message((message) => message.type === "input_request" && message.request === request);
      kernel.child.interrupt(request);
      assert.equal((await kernel.finished(request)).error?.ename, "Interrupted");
      kernel.child.inputReply("late");
      assert.equal((await ask("prompt('again')", "fresh")).text, "'fresh'");
    });

    it("is refused where the frontend takes none", async () => {
      assert.equal((await kernel.run("prompt('x')")).error?.ename, "InputUnavailableError");
      assert.equal(
        (await kernel.run("for await (const line of process.stdin) line")).error?.ename,
        "InputUnavailableError",
      );
    });
  });

  describe("comms", () => {
    const comm = (message: Partial<CommMessage> & Pick<CommMessage, "type" | "request" | "commId">): void => {
      kernel.child.send({ data: {}, metadata: {}, buffers: [], ...message });
    };
    const reply = async (type: CommMessage["type"], request: string): Promise<CommMessage> => {
      const found = await kernel.message((message) => message.type === type && message.request === request);
      // SAFETY: its type is that of a comm message.
      return found as CommMessage;
    };

    it("are refused for an unknown target, and every message is answered by done", async () => {
      comm({ type: "comm_open", request: "c1", commId: "id1", targetName: "unknown" });
      assert.equal((await reply("comm_close", "c1")).commId, "id1");
      await kernel.message((message) => message.type === "done" && message.request === "c1");
      comm({ type: "comm_msg", request: "c2", commId: "id1" });
      await kernel.message((message) => message.type === "done" && message.request === "c2");
    });
  });

  describe("the inspector", () => {
    it("answers commands and reports errors", async () => {
      await kernel.run("let inspected = { deep: [1, 2] }");
      const result = await kernel.child.inspector("Runtime.evaluate", {
        expression: "inspected.deep",
        returnByValue: true,
      });
      assert.deepEqual(result, { result: { type: "object", value: [1, 2] } });
      await assert.rejects(kernel.child.inspector("Nothing.here"), /Nothing\.here|not found/);
    });

    it("pauses at a breakpoint, passes events on, and can be interrupted there", async () => {
      const events: string[] = [];
      const paused = new Promise<void>((resolve) => {
        kernel.child.onInspectorEvent = (method) => {
          events.push(method);
          if (method === "Debugger.paused") resolve();
        };
      });
      await kernel.child.inspector("Debugger.enable");
      const request = kernel.start("let before = 1;\ndebugger;\nlet never = 2");
      await paused;
      assert.ok(events.includes("Debugger.scriptParsed"));
      kernel.child.interrupt(request);
      assert.equal((await kernel.finished(request)).error?.ename, "Interrupted");
      const again = kernel.start("debugger; 'went on'");
      while (events.filter((method) => method === "Debugger.paused").length < 2)
        await new Promise((ok) => setTimeout(ok, 5));
      await kernel.child.inspector("Debugger.resume");
      assert.equal((await kernel.finished(again)).text, "'went on'");
      await kernel.child.inspector("Debugger.disable");
    });
  });
});
