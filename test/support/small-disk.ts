/** @file A disk of a few megabytes, in memory, that tests fill up or make read-only. It takes root on Linux. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A mounted disk. */
export interface SmallDisk {
  readonly folder: string;
  /** Makes it read-only, or writable again. */
  setReadOnly(readOnly: boolean): void;
  unmount(): void;
}

/** Mounts a disk, or says why there can be none here. */
export function mountSmallDisk(megabytes: number): SmallDisk | { readonly reason: string } {
  if (process.platform !== "linux" || process.getuid?.() !== 0)
    return { reason: "a small disk is mounted by root on Linux only" };
  const folder = mkdtempSync(join(tmpdir(), "tenon-disk-"));
  const mounted = run("mount", "-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder);
  if (mounted !== undefined) {
    rmdirSync(folder);
    return { reason: `no small disk can be mounted: ${mounted}` };
  }
  return {
    folder,
    setReadOnly: (readOnly) => {
      const failure = run("mount", "-o", `remount,${readOnly ? "ro" : "rw"}`, folder);
      if (failure !== undefined) throw new Error(failure);
    },
    unmount: () => {
      run("umount", "--lazy", folder);
      rmdirSync(folder);
    },
  };
}

/** Why a program failed. */
function run(program: string, ...args: readonly string[]): string | undefined {
  const { status, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}
