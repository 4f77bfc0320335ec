/**
 * @file Load of HTTP at a fixed rate, in a process of its own. Arguments: port, path, file of bodies, content type, the length of
 * the JSON before binary tensors or "-", requests a second, seconds.
 *
 * Requests are due at even times, and each one's time runs from when it was due: a server that stands still is charged for all that
 * it would have been asked meanwhile, which a load that waits for answers before it asks again never notices. How late this process
 * itself comes to what is due is told beside it: that is the machine's doing.
 */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";

const [port, path = "", file = "", contentType = "", headerLength = "-", rate, duration] =
  process.argv.slice(2);
const perSecond = Number(rate);
const seconds = Number(duration);
const connectionCount = 64;

/** The requests as they are on the wire. */
function readRequests(): readonly Buffer[] {
  const bytes = readFileSync(file);
  const requests: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(10, at);
    const length = Number(bytes.toString("latin1", at, end));
    const extension = headerLength === "-" ? "" : `inference-header-content-length: ${headerLength}\r\n`;
    const head = `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: ${contentType}\r\n${extension}content-length: ${length}\r\n\r\n`;
    requests.push(Buffer.concat([Buffer.from(head), bytes.subarray(end + 1, end + 1 + length)]));
    at = end + 1 + length;
  }
  return requests;
}

/** A connection with at most one request under way. */
class Connection {
  readonly #socket: Socket;
  #due = 0;
  #left = 0;
  #head = "";

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (part: Buffer) => this.#take(part));
  }

  send(request: Buffer, due: number): void {
    this.#due = due;
    this.#left = -1;
    this.#head = "";
    this.#socket.write(request);
  }

  #take(part: Buffer): void {
    if (this.#left >= 0) this.#left -= part.length;
    else {
      this.#head += part.toString("latin1");
      const end = this.#head.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = /content-length: (\d+)/i.exec(this.#head)?.[1];
      if (!this.#head.startsWith("HTTP/1.1 200")) failed += 1;
      this.#left = Number(length ?? 0) - (this.#head.length - end - 4);
    }
    if (this.#left > 0) return;
    times.push(performance.now() - this.#due);
    idle.push(this);
  }
}

const requests = readRequests();
const times: number[] = [];
const lateness: number[] = [];
const idle: Connection[] = [];
let failed = 0;
for (let count = 0; count < connectionCount; count++) {
  const socket = connect({ port: Number(port), host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  idle.push(new Connection(socket));
}

const begin = performance.now();
const total = Math.round(perSecond * seconds);
for (let sent = 0; sent < total || idle.length < connectionCount;) {
  const now = performance.now();
  const due = begin + (sent * 1000) / perSecond;
  const connection = sent < total && due <= now ? idle.pop() : undefined;
  if (connection) {
    lateness.push(now - due);
    connection.send(requests[sent % requests.length] ?? Buffer.alloc(0), due);
    sent += 1;
    // What comes is to be heard also where much is due.
    if (sent % 8 !== 0) continue;
  } else if (now - begin > (seconds + 20) * 1000) break;
  // A timer would come a millisecond late, which is longer than most answers take.
  await new Promise((resolve) => setImmediate(resolve));
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
times.sort((a, b) => a - b);
lateness.sort((a, b) => a - b);
console.log(
  JSON.stringify({
    requests: times.length,
    seconds: (performance.now() - begin) / 1000,
    failed: failed + (total - times.length),
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    p999: quantile(times, 0.999),
    late99: quantile(lateness, 0.99),
  }),
);
process.exit(0);
