/** @file The module's exports, for `../kernels.ts`. */
export { absoluteDistances, products, squaredDistances } from "./pairs.as";
export { nearAbsolutes, nearProducts } from "./near.as";
export { nearestTwo } from "./nearest-two.as";
