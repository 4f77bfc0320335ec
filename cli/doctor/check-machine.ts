/** @file Checks the machine: processor, memory, disk. */
import { readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { availableParallelism, cpus, freemem, tmpdir, totalmem } from "node:os";
import type { Finding } from "./finding.ts";

const gibibyte = 2 ** 30;
/** Less than this and the samples do not fit. */
const memoryWanted = 2 * gibibyte;
const diskWanted = gibibyte;
const notableFeatures = [
  "avx",
  "avx2",
  "fma",
  "avx512f",
  "avx512_vnni",
  "avx_vnni",
  "amx_tile",
  "neon",
  "asimd",
  "sve",
];

/** Processor, memory and disk. */
export async function checkMachine(): Promise<Finding[]> {
  return [
    checkProcessor(),
    checkMemory(),
    await checkDisk(process.cwd(), "disk here"),
    await checkDisk(tmpdir(), "disk for temporary files"),
  ];
}

function checkProcessor(): Finding {
  const model = cpus()[0]?.model.trim() ?? process.arch;
  const features = processorFeatures();
  const detail = [`${model}, ${availableParallelism()} cores`, features.join(" ")]
    .filter((part) => part !== "")
    .join(", ");
  return { group: "Machine", name: "processor", status: "ok", detail, essential: false };
}

function processorFeatures(): string[] {
  if (process.platform !== "linux") return [];
  try {
    const flags =
      /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1]?.split(/\s+/) ?? [];
    return notableFeatures.filter((feature) => flags.includes(feature));
  } catch {
    return [];
  }
}

function checkMemory(): Finding {
  // In a container the limit counts; 0 or a huge number says that there is none.
  const limit = process.constrainedMemory();
  const total = limit !== undefined && limit > 0 && limit < totalmem() ? limit : totalmem();
  const free = Math.min(freemem(), total);
  const common = {
    group: "Machine",
    name: "memory",
    essential: false,
    detail: `${formatGibibytes(free)} free of ${formatGibibytes(total)}`,
  } as const;
  if (free >= memoryWanted) return { ...common, status: "ok" };
  return { ...common, status: "warning", advice: "the samples need 2 GiB: close other programs" };
}

async function checkDisk(path: string, name: string): Promise<Finding> {
  const common = { group: "Machine", name, essential: false } as const;
  try {
    const { bavail, bsize } = await statfs(path);
    const free = bavail * bsize;
    const detail = `${formatGibibytes(free)} free in ${path}`;
    if (free >= diskWanted) return { ...common, status: "ok", detail };
    return {
      ...common,
      status: "warning",
      detail,
      advice: "free some space: data sets and models need more than 1 GiB",
    };
  } catch {
    return {
      ...common,
      status: "warning",
      detail: `${path} cannot be read`,
      advice: "check that the folder exists",
    };
  }
}

function formatGibibytes(bytes: number): string {
  return `${(bytes / gibibyte).toFixed(1)} GiB`;
}
