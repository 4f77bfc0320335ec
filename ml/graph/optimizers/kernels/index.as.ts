/** @file The module's exports: one kernel for each update rule, for `../kernels.ts`. */
export { clampAll, scaleAll, sumOfSquares } from "./gradient.as";
export { sgd, sgdMomentum } from "./sgd.as";
export { adam } from "./adam.as";
export { rmsProp } from "./rms-prop.as";
export { adagrad } from "./adagrad.as";
export { lambMoments, lambMove } from "./lamb.as";
export { lion } from "./lion.as";
