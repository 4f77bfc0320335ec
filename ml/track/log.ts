/** @file The methods of {@link Run} on the run that is active, as MLflow's fluent functions. Each throws {@link NoActiveRunError} where there is none. */
import { requireActiveRun } from "./active-run.ts";
import type { Acknowledged, EndStatus, Run } from "./run.ts";
import { activeRun } from "./active-run.ts";

export const logMetric: Run["logMetric"] = (...args) => requireActiveRun().logMetric(...args);
export const logMetrics: Run["logMetrics"] = (...args) => requireActiveRun().logMetrics(...args);
export const logParam: Run["logParam"] = (...args) => requireActiveRun().logParam(...args);
export const logParams: Run["logParams"] = (...args) => requireActiveRun().logParams(...args);
export const setTag: Run["setTag"] = (...args) => requireActiveRun().setTag(...args);
export const setTags: Run["setTags"] = (...args) => requireActiveRun().setTags(...args);
export const logInput: Run["logInput"] = (...args) => requireActiveRun().logInput(...args);
export const logArtifact: Run["logArtifact"] = async (...args) => requireActiveRun().logArtifact(...args);
export const logArtifacts: Run["logArtifacts"] = async (...args) => requireActiveRun().logArtifacts(...args);
export const logText: Run["logText"] = async (...args) => requireActiveRun().logText(...args);
export const logDict: Run["logDict"] = async (...args) => requireActiveRun().logDict(...args);
export const logTable: Run["logTable"] = async (...args) => requireActiveRun().logTable(...args);
export const logFigure: Run["logFigure"] = async (...args) => requireActiveRun().logFigure(...args);
export const logModel: Run["logModel"] = async (...args) => requireActiveRun().logModel(...args);

/** Ends the active run, if there is one: see `Run.end`. */
export async function endRun(status?: EndStatus): Promise<Acknowledged> {
  return (await activeRun()?.end(status)) ?? { waiting: 0 };
}
