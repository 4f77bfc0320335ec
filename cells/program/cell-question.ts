/** @file What answering a question about a cell needs. */
import type { CellAnalysis } from "../analysis.ts";
import type { CompilerSession } from "../compiler/session.ts";
import type { ModuleOfCell } from "./module-of-cell.ts";

export interface CellQuestion {
  readonly session: CompilerSession;
  /** The path of the module that {@link open} writes. */
  readonly file: string;
  /** Makes a cell the module that the session is asked about. */
  readonly open: (source: string, analysis: CellAnalysis) => Promise<ModuleOfCell>;
}
