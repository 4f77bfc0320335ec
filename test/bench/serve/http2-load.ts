/**
 * @file Load by gRPC, as a process of its own: `node http2-load.ts PORT FILE SECONDS`. The messages of the file in turn, over 4
 * connections with 16 calls each at a time; each answer's status is looked at. Prints one line of JSON.
 */
import { readFileSync } from "node:fs";
import { connect, type ClientHttp2Session } from "node:http2";
import { performance } from "node:perf_hooks";

const [port = "", file = "", seconds = ""] = process.argv.slice(2);
const connections = 4;
const callsAtOnce = 16;

/** The messages of a file in gRPC's frames. */
function readFrames(path: string): readonly Buffer[] {
  const bytes = readFileSync(path);
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(10, at);
    const length = Number(bytes.toString("latin1", at, end));
    const frame = Buffer.alloc(5 + length);
    frame.writeUInt32BE(length, 1);
    bytes.copy(frame, 5, end + 1, end + 1 + length);
    frames.push(frame);
    at = end + 1 + length;
  }
  return frames;
}

const frames = readFrames(file);
const times: number[] = [];
let failed = 0;
let next = 0;
const end = performance.now() + Number(seconds) * 1000;

function call(session: ClientHttp2Session, done: () => void): void {
  const begin = performance.now();
  if (begin >= end) {
    done();
    return;
  }
  const stream = session.request({
    ":method": "POST",
    ":path": "/inference.GRPCInferenceService/ModelInfer",
    "content-type": "application/grpc",
    te: "trailers",
  });
  let bytes = 0;
  let status = "";
  stream.on("data", (chunk: Buffer) => (bytes += chunk.length));
  stream.on("trailers", (trailers) => (status = String(trailers["grpc-status"])));
  stream.on("error", () => (status = "error"));
  stream.on("close", () => {
    times.push(performance.now() - begin);
    if (status !== "0" || bytes <= 5) failed += 1;
    call(session, done);
  });
  stream.end(frames[next++ % frames.length]);
}

const begin = performance.now();
await Promise.all(
  Array.from({ length: connections }, async () => {
    const session = connect(`http://127.0.0.1:${port}`);
    await Promise.all(
      Array.from({ length: callsAtOnce }, () => new Promise<void>((resolve) => call(session, resolve))),
    );
    session.close();
  }),
);
const sorted = Float64Array.from(times).sort();
const quantile = (q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;
const result = {
  requests: times.length,
  seconds: (performance.now() - begin) / 1000,
  failed,
  p50: quantile(0.5),
  p99: quantile(0.99),
  p999: quantile(0.999),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
