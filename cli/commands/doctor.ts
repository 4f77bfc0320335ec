/** @file `tenon doctor` */
import { Command } from "commander";

export interface DoctorOptions {
  readonly json?: boolean;
}

export function doctorCommand(): Command {
  return new Command("doctor")
    .description("Check this machine: Node, native modules, GPU backends, memory, disk, Jupyter.")
    .option("--json", "print the findings as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  tenon doctor\n  tenon doctor --json\n\nExit codes: 0 the essentials work, 1 something essential is missing.",
    )
    .action(async (options: DoctorOptions) => {
      const { examine } = await import("../doctor/doctor.ts");
      process.exitCode = await examine(options);
    });
}
