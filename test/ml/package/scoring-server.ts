/** @file A packaged model behind HTTP, by MLflow's scoring protocol and the Open Inference Protocol v2, as JSON. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import * as v from "valibot";
import { tensorData } from "../../../ml/graph/runtime/tensor-data.ts";
import { Session, type TensorData } from "../../../ml/graph/index.ts";
import { readModel, type OutputRow } from "../../../ml/package/index.ts";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const cell = v.union([v.string(), v.number(), v.boolean(), v.null()]);
const frameSchema = v.object({
  dataframe_split: v.object({ columns: v.array(v.string()), data: v.array(v.array(cell)) }),
});
const tensorsSchema = v.object({
  inputs: v.array(
    v.object({ name: v.string(), shape: v.tuple([v.number()]), datatype: v.string(), data: v.array(cell) }),
  ),
  outputs: v.array(v.object({ name: v.string() })),
});

/** A running server; `requests` are the paths that were asked for. */
export interface ScoringServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly string[];
}

/** Serves the model of a directory on a free port of the loopback interface. */
export async function scoringServer(directory: string): Promise<ScoringServer> {
  const model = await readModel(directory);
  const session = await Session.create(readFileSync(join(directory, "model.onnx")));
  const requests: string[] = [];
  const answer = async (path: string, body: unknown): Promise<unknown> => {
    if (path !== "/invocations") return await infer(session, v.parse(tensorsSchema, body));
    const { columns, data } = v.parse(frameSchema, body).dataframe_split;
    const rows = data.map((row) => Object.fromEntries(row.map((value, at) => [columns[at] ?? "", value])));
    return { predictions: (await model.predict(rows)).map(flat) };
  };
  const server = createServer((request, response) => {
    requests.push(`${request.method ?? ""} ${request.url ?? ""} ${request.headers.authorization ?? ""}`);
    const end = (status: number, content: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(content));
    };
    bodyOf(request)
      .then(async (body) => end(200, await answer(request.url ?? "", body)))
      .catch((error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        end(
          400,
          request.url === "/invocations" ? { error_code: "BAD_REQUEST", message } : { error: message },
        );
      });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // SAFETY: it listens on a port.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await session.close();
      await model.close();
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = "";
  request.setEncoding("utf8");
  for await (const part of request) text += String(part);
  return JSON.parse(text);
}

/** A row's outputs side by side, as MLflow's data frames have them. */
function flat(row: OutputRow): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) =>
      typeof value === "object"
        ? Object.entries(value).map(([column, each]) => [`${name}_${column}`, each])
        : [[name, value]],
    ),
  );
}

type Tensors = v.InferOutput<typeof tensorsSchema>;

async function infer(session: Session, { inputs, outputs }: Tensors): Promise<unknown> {
  const feeds = Object.fromEntries(inputs.map((input) => [input.name, fed(input)]));
  const found = await session.run(feeds, Object.fromEntries(outputs.map(({ name }) => [name, null])));
  return {
    outputs: outputs.map(({ name }) => {
      const tensor = found[name];
      const elements: Iterable<string | number | bigint> = tensor?.data ?? [];
      const data = Array.from(elements, (value) => (typeof value === "bigint" ? Number(value) : value));
      return { name, shape: tensor?.shape, datatype: tensor?.dtype, data };
    }),
  };
}

function fed({ datatype, shape, data }: Tensors["inputs"][number]): TensorData {
  const number = (value: unknown): number => (value === null ? Number.NaN : Number(value));
  switch (datatype) {
    case "BYTES":
      return tensorData("string", data.map(String), shape);
    case "BOOL":
      return tensorData("bool", Uint8Array.from(data, number), shape);
    case "INT64":
      return tensorData(
        "int64",
        BigInt64Array.from(data, (value) => BigInt(Number(value))),
        shape,
      );
    case "FP32":
      return tensorData("float32", Float32Array.from(data, number), shape);
    default:
      return tensorData("float64", Float64Array.from(data, number), shape);
  }
}
