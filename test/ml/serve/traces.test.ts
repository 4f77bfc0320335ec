import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { type Infer, ServingError } from "../../../ml/serve/inference.ts";
import type { Span } from "../../../ml/serve/observe/otlp-encoding.ts";
import { OtlpExporter } from "../../../ml/serve/observe/otlp-exporter.ts";
import { parseTraceparent, traceparentOf } from "../../../ml/serve/observe/trace-context.ts";
import { tracedInfer } from "../../../ml/serve/observe/traced-infer.ts";
import { answer, call, context } from "./calls.ts";

const sampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

describe("The trace context", () => {
  it("is read as the specification says", () => {
    const found = parseTraceparent(sampled);
    assert.ok(found);
    assert.equal(traceparentOf(found), sampled);
    assert.equal(parseTraceparent(sampled.replace(/01$/, "00"))?.isSampled, false);
    // A later version may have more fields.
    assert.ok(parseTraceparent(`01${sampled.slice(2)}-more`));
    for (const wrong of [
      "",
      `ff${sampled.slice(2)}`,
      `${sampled}-more`,
      sampled.toUpperCase(),
      sampled.replace("4bf92f3577b34da6a3ce929d0e0e4736", "0".repeat(32)),
      sampled.replace("00f067aa0ba902b7", "0".repeat(16)),
      sampled.slice(1),
    ])
      assert.equal(parseTraceparent(wrong), undefined, wrong);
  });
});

describe("Traces of calls", () => {
  const traced = (
    share: number,
    model: Infer = (request) => answer(request, 1),
  ): { infer: Infer; spans: Span[] } => {
    const spans: Span[] = [];
    return { infer: tracedInfer(model, { share, onSpan: (span) => spans.push(span) }), spans };
  };

  it("follow their caller's choice, and begin for a share of the others", () => {
    const { infer, spans } = traced(0);
    assert.ok(!(infer(call(), context()) instanceof Promise));
    void infer(call(), context({ traceparent: sampled.replace(/01$/, "00") }));
    assert.equal(spans.length, 0);
    void infer(call({ id: "q" }), context({ traceparent: sampled }));
    const [span] = spans;
    assert.equal(span?.traceId, "4bf92f3577b34da6a3ce929d0e0e4736");
    assert.equal(span?.parentSpanId, "00f067aa0ba902b7");
    assert.equal(span?.attributes["tenon.version"], "1");
    assert.ok(span && Math.abs(span.start - Date.now()) < 5000 && span.end >= span.start);
    const all = traced(1);
    void all.infer(call(), context());
    void all.infer(call(), context({ traceparent: "nonsense" }));
    assert.equal(new Set(all.spans.map(({ traceId }) => traceId)).size, 2);
  });

  it("are the parents of what the model calls, and tell failures", async () => {
    let inner: string | undefined;
    const { infer, spans } = traced(1, async (request, { traceparent, signal }) => {
      inner = traceparent;
      assert.equal(signal?.aborted, false);
      if (request.id === "bad") throw new ServingError("internal", "broken");
      return answer(request, 1);
    });
    const { signal } = new AbortController();
    await infer(call(), context({ traceparent: sampled, signal }));
    assert.equal(inner, `00-4bf92f3577b34da6a3ce929d0e0e4736-${spans[0]?.spanId}-01`);
    await assert.rejects(async () => infer(call({ id: "bad" }), context({ signal })));
    assert.deepEqual(
      spans.map(({ error }) => error),
      [undefined, "broken"],
    );
  });
});

describe("The exporter of traces and logs", () => {
  const span = (at: number): Span => ({
    traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
    spanId: String(at).padStart(16, "0"),
    parentSpanId: undefined,
    name: "infer risk",
    start: 1_700_000_000_000.25,
    end: 1_700_000_000_001,
    attributes: { "tenon.rows": 3, "tenon.share": 0.5, "tenon.ok": true, none: undefined },
    error: at === 1 ? "broken" : undefined,
  });

  const collector = async (
    answers: number[],
  ): Promise<{ url: string; seen: { path: string; body: unknown }[]; close(): void }> => {
    const seen: { path: string; body: unknown }[] = [];
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        seen.push({ path: request.url ?? "", body: JSON.parse(body) });
        response.writeHead(answers.shift() ?? 200).end("{}");
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      seen,
      close: () => {
        server.close();
        server.closeAllConnections();
      },
    };
  };

  it("speaks OTLP's JSON", async () => {
    const { url, seen, ...server } = await collector([]);
    try {
      const exporter = new OtlpExporter({ endpoint: url, resource: { "service.name": "risk" } });
      exporter.span(span(1));
      exporter.record({ time: 1_700_000_000_000, severity: "error", body: "broken", attributes: {} });
      await exporter.close();
      assert.deepEqual(
        seen.map(({ path }) => path),
        ["/v1/traces", "/v1/logs"],
      );
      assert.deepEqual(seen[0]?.body, {
        resourceSpans: [
          {
            resource: { attributes: [{ key: "service.name", value: { stringValue: "risk" } }] },
            scopeSpans: [
              {
                scope: { name: "tenon.serve" },
                spans: [
                  {
                    traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
                    spanId: "0000000000000001",
                    name: "infer risk",
                    kind: 2,
                    startTimeUnixNano: "1700000000000250000",
                    endTimeUnixNano: "1700000000001000000",
                    attributes: [
                      { key: "tenon.rows", value: { intValue: "3" } },
                      { key: "tenon.share", value: { doubleValue: 0.5 } },
                      { key: "tenon.ok", value: { boolValue: true } },
                    ],
                    status: { code: 2, message: "broken" },
                  },
                ],
              },
            ],
          },
        ],
      });
      assert.deepEqual([exporter.sent, exporter.dropped], [2, 0]);
    } finally {
      server.close();
    }
  });

  it("tries again where that may help, and gives up where it can't", async () => {
    const { url, seen, ...server } = await collector([503, 200, 400]);
    try {
      const exporter = new OtlpExporter({ endpoint: url, resource: {} });
      exporter.span(span(1));
      await exporter.flush();
      assert.deepEqual([seen.length, exporter.sent, exporter.dropped], [2, 1, 0]);
      exporter.span(span(2));
      await exporter.close();
      assert.deepEqual([seen.length, exporter.sent, exporter.dropped], [3, 1, 1]);
    } finally {
      server.close();
    }
  });

  it("holds so many and no more while the collector is away, and ends in time", async () => {
    const exporter = new OtlpExporter({ endpoint: "http://127.0.0.1:9", resource: {} });
    for (let at = 0; at < 5000; at++) exporter.span(span(at));
    await sleep(0);
    assert.equal(exporter.dropped, 5000 - 4096);
    const begun = performance.now();
    await exporter.close();
    assert.ok(performance.now() - begun < 4000);
    assert.deepEqual([exporter.sent, exporter.dropped], [0, 5000]);
  });
});
