/** @file What `nvidia-smi` says of the machine's GPUs. */
import { askProgram } from "../environment/run-program.ts";

/** A GPU and what it is doing; what the driver doesn't tell is absent. */
export interface GpuState {
  readonly name: string;
  readonly driver: string;
  readonly memoryTotalMebibytes?: number;
  readonly memoryUsedMebibytes?: number;
  readonly utilizationPercent?: number;
  readonly powerWatts?: number;
  readonly powerLimitWatts?: number;
}

const fields = "name,driver_version,memory.total,memory.used,utilization.gpu,power.draw,enforced.power.limit";

let isAbsent = false;

/** The GPUs that `nvidia-smi` tells of; none where there is no such program. Never throws. */
export async function nvidiaGpus(): Promise<readonly GpuState[]> {
  if (isAbsent) return [];
  const answer = await askProgram("nvidia-smi", [`--query-gpu=${fields}`, "--format=csv,noheader,nounits"], {
    mostBytes: 2 ** 16,
    milliseconds: 5_000,
  });
  // It isn't asked again and again where it can't answer.
  if (!answer) isAbsent = true;
  return answer && !answer.isCut ? parseGpus(answer.output.toString("utf8")) : [];
}

/** Reads the answer: a line for each GPU, with commas; `[N/A]` and the like for what isn't known. */
export function parseGpus(csv: string): readonly GpuState[] {
  return csv
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "")
    .flatMap((line) => {
      const [name, driver, total, used, utilization, power, limit] = line
        .split(",")
        .map((part) => part.trim());
      if (name === undefined || driver === undefined || limit === undefined) return [];
      return [
        {
          name,
          driver,
          ...known("memoryTotalMebibytes", total),
          ...known("memoryUsedMebibytes", used),
          ...known("utilizationPercent", utilization),
          ...known("powerWatts", power),
          ...known("powerLimitWatts", limit),
        },
      ];
    });
}

function known<Name extends string>(name: Name, text: string | undefined): { readonly [N in Name]?: number } {
  const value = text === undefined || text === "" ? Number.NaN : Number(text);
  // SAFETY: the one name is of this type.
  return (Number.isFinite(value) ? { [name]: value } : {}) as { readonly [N in Name]?: number };
}
