/** @file The module's exports, for `../kernels.ts`. */
export { widen } from "./widen.as";
export { addSlopes, margins } from "./margins.as";
export { addProducts, pack } from "./products.as";
