/**
 * @file The kernel's parent process: `node dist/kernel/main.cjs CONNECTION_FILE`.
 *
 * In the order of a fast start: the child and the type checker are started, which takes them longest; the ports are
 * bound; then what answers is loaded.
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Checker } from "./checker/checker.ts";
import { lingerVariable } from "./linger-variable.ts";
import { ChildProcess } from "./supervisor/child-process.ts";

const connectionFile = process.argv[2];
if (connectionFile === undefined || connectionFile.startsWith("-")) {
  process.stderr.write(
    "This is the Tenon kernel; Jupyter frontends start it with a connection file.\n" +
      "`tenon kernel install` makes it known to them, `tenon run NOTEBOOK` runs a notebook on it.\n",
  );
  process.exit(2);
}

const here = dirname(fileURLToPath(import.meta.url));
const directory = process.cwd();
const tenonRoot = dirname(dirname(here));

// It is about this kernel, not about those that its cells may start.
const linger = process.env[lingerVariable];
delete process.env[lingerVariable];

const startChild = (): ChildProcess =>
  ChildProcess.start({
    childPath: join(here, "child.cjs"),
    controlPath: join(here, "child-control.cjs"),
    cwd: directory,
  });
const child = startChild();
const checker = new Checker({
  directory,
  globalsFile: join(here, "globals.d.ts"),
  libraryFile: join(here, "type-library/esnext.d.ts"),
  tenonRoot,
  columnReader: join(tenonRoot, "dist", "cli", "column-reader.cjs"),
});

async function serveNotebook(connectionPath: string): Promise<void> {
  const { openSockets } = await import("./server/open-sockets.ts");
  const open = await openSockets(connectionPath);
  const { serve } = await import("./server/serve.ts");
  const packageFile = join(tenonRoot, "package.json");
  serve({ open, child, startChild, checker, directory, linger, packageFile });
}

void serveNotebook(connectionFile);
