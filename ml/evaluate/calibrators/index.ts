/** @file Calibration: probabilities that mean what they say. */
export { expectedCalibrationError, type CalibrationErrorOptions } from "./calibration-error.ts";
export { isotonicCalibrator } from "./isotonic.ts";
export { loadCalibrator } from "./load-calibrator.ts";
export { plattCalibrator } from "./platt.ts";
export type { Calibrator, CalibratorJson, ScoreTensor } from "./calibrator.ts";
