/** @file The module's exports, for `../kernels.ts`. */
export { dense } from "./dense.as";
