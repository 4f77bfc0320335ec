/**
 * @file Which Node runs the kernel: the one that the user names, else `node` on the PATH where it is new enough, else
 * VS Code's own, so that nothing but VS Code has to be installed.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** The oldest Node that the kernel runs on. */
export const oldestNode = "20.19.0";

export interface NodeRuntime {
  readonly program: string;
  readonly version: string;
  /** What its environment needs. */
  readonly env: Readonly<Record<string, string>>;
}

/** No usable Node; the message says what to do. */
export class NodeRuntimeError extends Error {
  override readonly name = "NodeRuntimeError";
}

/** VS Code's own runtime is Electron on a desktop, which this makes a Node. */
const ownEnvironment = { ELECTRON_RUN_AS_NODE: "1" };

/** Finds the Node for kernels; `named` is the user's setting, empty where there is none. @throws {NodeRuntimeError} */
export async function findNode(named: string): Promise<NodeRuntime> {
  if (named !== "") {
    const version = await nodeVersion(named);
    if (version === undefined)
      throw new NodeRuntimeError(`The setting tenon.kernel.node names ${named}, which is no Node.`);
    if (!isAtLeast(version, oldestNode)) {
      throw new NodeRuntimeError(
        `The setting tenon.kernel.node names Node ${version}; the kernel needs ${oldestNode} or later.`,
      );
    }
    return { program: named, version, env: {} };
  }
  const version = await nodeVersion("node");
  if (version !== undefined && isAtLeast(version, oldestNode)) return { program: "node", version, env: {} };
  return { program: process.execPath, version: process.versions.node, env: ownEnvironment };
}

async function nodeVersion(program: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(program, ["--version"], {
      timeout: 10_000,
      windowsHide: true,
    });
    return /^v(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

/** True where a version is another one or a later one. */
export function isAtLeast(version: string, oldest: string): boolean {
  const [have, need] = [version, oldest].map((text) => text.split(".").map(Number));
  for (const [index, part] of (need ?? []).entries()) {
    const other = have?.[index] ?? 0;
    if (other !== part) return other > part;
  }
  return true;
}
