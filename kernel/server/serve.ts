/** @file Puts the kernel together: sockets, child, checker, history, debugger; and takes it apart at the end. */
import { parseMagics } from "../../cells/magics.ts";
import type { Checker } from "../checker/checker.ts";
import { compileCell } from "../compile/compile-cell.ts";
import { DebugAdapter } from "../debug/debug-adapter.ts";
import type { ChildProcess } from "../supervisor/child-process.ts";
import { ChildHost } from "./child-host.ts";
import { ExecutionLog } from "./execution-log.ts";
import { Executor } from "./executor.ts";
import { History } from "./history.ts";
import { kernelInfo, tenonVersion } from "./kernel-info.ts";
import { planMagics } from "./magic-code.ts";
import { KernelServer } from "./kernel-server.ts";
import type { OpenSockets } from "./open-sockets.ts";
import { Linger, lingerSeconds } from "./linger.ts";
import { log, noParent } from "./sockets.ts";

interface Parts {
  readonly open: OpenSockets;
  /** The first child, already starting. */
  readonly child: ChildProcess;
  readonly startChild: () => ChildProcess;
  readonly checker: Checker;
  /** The notebook's folder. */
  readonly directory: string;
  /** Seconds that it goes on without a client, as its environment says it. */
  readonly linger: string | undefined;
  readonly packageFile: string;
}

/** Milliseconds that an orderly end may take. */
const shutdownPatience = 3000;

/** Serves until a shutdown request, a signal, or the end of the frontend that started the kernel. */
export function serve(parts: Parts): void {
  const { checker } = parts;
  const { connection, sockets } = parts.open;
  const child = new ChildHost(sockets, parts.child, parts.startChild);
  const history = new History();
  const debug = new DebugAdapter({
    transport: {
      post: async (method, params) => await child.inspector(method, params ?? {}),
      onEvent: (listener) => {
        child.onInspectorEvent = listener;
      },
    },
    // As the executor compiles it, so that breakpoints find the cell before it runs.
    compile: (source, fileName) => compileCell(planMagics(parseMagics(source)).code ?? "", fileName),
    emit: (event) => sockets.publish(noParent, "debug_event", event),
  });
  const executor = new Executor({ sockets, child, checker, history, debug });
  child.onHopeless = () => process.exit(1);
  child.onRestart = () => {
    checker.reset();
    debug.reset();
  };

  const shutdown = async (): Promise<void> => {
    // Whatever hangs in the end, the kernel does not.
    setTimeout(() => process.exit(1), shutdownPatience).unref();
    history.flush();
    child.close();
    await checker.dispose();
    await sockets.close();
    process.exit(0);
  };
  const info = { ...kernelInfo(tenonVersion(parts.packageFile)) };
  const executions = new ExecutionLog();
  sockets.onPublish = (...published) => executions.published(...published);
  child.clientOf = (id) => executions.clientOf(id);
  const linger = new Linger(lingerSeconds(parts.linger), () => void shutdown());
  let listening = 0;
  sockets.onSubscriptions = (count) => {
    if (count < listening) executions.clientGone();
    listening = count;
    linger.clients(count);
  };
  sockets.onSubscriptions(sockets.subscriptions);
  const server = new KernelServer({
    sockets,
    child,
    checker,
    history,
    executor,
    executions,
    linger,
    debug,
    connection,
    info,
    shutdown,
  });

  process.on("SIGINT", () => server.interrupt());
  process.on("SIGTERM", () => void shutdown());
  // Whoever read the log has gone; the kernel goes on without one.
  process.stderr.on("error", () => undefined);
  process.on("uncaughtException", (error) => log(`internal error: ${error.stack ?? String(error)}`));
  process.on("unhandledRejection", (reason) => log(`internal error: ${String(reason)}`));
  endWithFrontend(() => void shutdown());

  sockets.publish(noParent, "status", { execution_state: "starting" });
  parts.open.deliver((channel, message) => server.receive(channel, message));
}

/** Jupyter names the process that started the kernel; when it has died without a word, the kernel ends too. */
function endWithFrontend(end: () => void): void {
  const frontend = Number(process.env["JPY_PARENT_PID"]);
  if (!Number.isInteger(frontend) || frontend <= 1) return;
  const timer = setInterval(() => {
    try {
      process.kill(frontend, 0);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EPERM") return;
      clearInterval(timer);
      log("the frontend that started this kernel has ended");
      end();
    }
  }, 1000);
  timer.unref();
}
