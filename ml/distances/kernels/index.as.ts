/** @file The module's exports, for `../packed-rows.ts`. */
export { absoluteDistances, products, squaredDistances } from "./pairs.as";
