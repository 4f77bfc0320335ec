/**
 * @file A cluster whose only worker doesn't take the connection that it is handed, and is killed. Prints what becomes of the
 * connection: "closed", or "open" after three seconds.
 */
import cluster from "node:cluster";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout } from "node:timers/promises";
import { closeUnanswered } from "../../../ml/serve/cluster/unanswered-connections.ts";

if (cluster.isPrimary) {
  const worker = cluster.fork();
  closeUnanswered(worker);
  const [port] = await once(worker, "message");
  // By then it is blocked.
  await setTimeout(300);
  const socket = connect(Number(port), "127.0.0.1");
  await once(socket, "connect");
  await setTimeout(200);
  worker.process.kill("SIGKILL");
  const closed = once(socket, "close").then(() => "closed");
  process.stdout.write(await Promise.race([closed, setTimeout(3000, "open")]));
  process.exit();
} else {
  const server = createServer().listen(0, "127.0.0.1", () => {
    process.send?.(Object(server.address()).port);
    // Then it has no turn of its event loop for what comes.
    globalThis.setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 100);
  });
}
