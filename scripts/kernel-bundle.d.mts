import type { BuildOptions } from "esbuild";

export declare const kernelBundle: BuildOptions;
export declare const childPrograms: Readonly<Record<string, string>>;
export declare const childModules: Readonly<Record<string, string>>;
