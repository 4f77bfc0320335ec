/** @file The native compilers, loaded when first used: the child needs them only for local TypeScript modules. */
import { createRequire } from "node:module";
import type * as Esbuild from "esbuild";
import type * as OxcParser from "oxc-parser";
import type * as OxcTransform from "oxc-transform";

const require = createRequire(import.meta.url);
let parser: typeof OxcParser | undefined;
let transform: typeof OxcTransform | undefined;
let esbuild: typeof Esbuild | undefined;

// SAFETY (all three): the packages' own types.
export const oxcParser = (): typeof OxcParser => (parser ??= require("oxc-parser") as typeof OxcParser);
export const oxcTransform = (): typeof OxcTransform =>
  (transform ??= require("oxc-transform") as typeof OxcTransform);
export const esbuildTransform = (): typeof Esbuild => (esbuild ??= require("esbuild") as typeof Esbuild);
