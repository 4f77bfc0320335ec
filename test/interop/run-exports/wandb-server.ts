/** @file As much of W&B's server as `wandb sync` asks: it keeps what is uploaded. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { gunzipSync } from "node:zlib";
import * as v from "valibot";

/** What was uploaded of one run. */
export interface UploadedRun {
  readonly url: string;
  /** The variables of the call that made the run. */
  readonly run: Readonly<Record<string, unknown>>;
  /** The rows of history, in order. */
  readonly history: readonly Readonly<Record<string, unknown>>[];
  readonly events: readonly Readonly<Record<string, unknown>>[];
  readonly files: ReadonlyMap<string, string>;
  readonly exitCode: number | undefined;
  close(): Promise<void>;
}

const graphqlSchema = v.object({
  query: v.string(),
  variables: v.optional(v.record(v.string(), v.unknown()), {}),
});
const streamSchema = v.object({
  files: v.optional(v.record(v.string(), v.object({ offset: v.number(), content: v.array(v.string()) })), {}),
  exitcode: v.optional(v.nullable(v.number())),
});
const rowSchema = v.record(v.string(), v.unknown());

/** Starts a server on this machine. */
export async function wandbServer(): Promise<UploadedRun> {
  const lines = new Map<string, string[]>();
  const files = new Map<string, string>();
  let run: Record<string, unknown> = {};
  let exitCode: number | undefined;
  const answerTo = (url: string, body: string): object => {
    if (url === "/graphql") {
      const { query, variables } = v.parse(graphqlSchema, JSON.parse(body));
      if (query.includes("upsertBucket(")) run = { ...variables, ...run };
      return { data: graphqlAnswer(query, variables, address()) };
    }
    if (url.startsWith("/upload/")) files.set(decodeURIComponent(url.slice("/upload/".length)), body);
    if (url.endsWith("/file_stream")) {
      const stream = v.parse(streamSchema, JSON.parse(body));
      for (const [name, { offset, content }] of Object.entries(stream.files)) {
        const kept = lines.get(name) ?? [];
        kept.splice(offset, content.length, ...content);
        lines.set(name, kept);
      }
      exitCode = stream.exitcode ?? exitCode;
    }
    return {};
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const bytes = Buffer.concat(chunks);
      const isZipped = request.headers["content-encoding"] === "gzip";
      try {
        const answer = answerTo(request.url ?? "", (isZipped ? gunzipSync(bytes) : bytes).toString("utf8"));
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify(answer));
      } catch (error) {
        response.statusCode = 400;
        response.end(String(error));
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = (): string => urlOf(server);
  const rows = (name: string) => (lines.get(name) ?? []).map((line) => v.parse(rowSchema, JSON.parse(line)));
  return {
    url: address(),
    files,
    get run() {
      return run;
    },
    get history() {
      return rows("wandb-history.jsonl");
    },
    get events() {
      return rows("wandb-events.jsonl");
    },
    get exitCode() {
      return exitCode;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function graphqlAnswer(query: string, variables: Readonly<Record<string, unknown>>, url: string): object {
  if (query.includes("upsertBucket("))
    return {
      upsertBucket: {
        inserted: true,
        bucket: {
          id: "cnVu",
          name: variables["name"],
          displayName: variables["displayName"],
          config: variables["config"],
          historyLineCount: 0,
          project: { id: "cA==", name: variables["project"], entity: { id: "ZQ==", name: "team" } },
        },
      },
    };
  if (query.includes("createRunFiles(")) {
    const names = v.parse(v.array(v.string()), variables["files"]);
    const files = names.map((name) => ({ name, uploadUrl: `${url}/upload/${encodeURIComponent(name)}` }));
    return { createRunFiles: { runID: "cnVu", uploadHeaders: [], files } };
  }
  if (query.includes("serverInfo")) return { serverInfo: { features: [] } };
  return { viewer: { id: "dg==", entity: "team", username: "team", flags: "{}", teams: { edges: [] } } };
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return `http://127.0.0.1:${address.port}`;
}
