/** @file What the doctor finds. */

/** One thing that was looked at. */
export interface Finding {
  readonly group: "Node" | "Modules" | "Kernel" | "GPU" | "Machine" | "Jupyter";
  readonly name: string;
  readonly status: "ok" | "warning" | "missing";
  /** What is there. */
  readonly detail: string;
  /** What to do; present unless all is well. */
  readonly advice?: string;
  /** Whether Tenon does not work without it. */
  readonly essential: boolean;
}
