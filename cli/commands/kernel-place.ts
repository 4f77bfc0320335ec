/** @file Where `tenon kernel` commands put and look for kernelspecs. */
import { Option } from "commander";
import { resolve } from "node:path";
import { prefixDataDir, userDataDir } from "../../jupyter/kernelspec.ts";

/** The name under which our kernel is installed where no other is given. */
export const defaultKernelName = "tenon";

/** The options that choose the place. */
export interface PlaceOptions {
  readonly user?: boolean;
  readonly prefix?: string;
}

export const userOption = (): Option =>
  new Option("--user", "for this user (the default)").conflicts("prefix");
export const prefixOption = (): Option =>
  new Option("--prefix <dir>", "in an installation prefix, such as a Python environment");

/** The Jupyter data directory that the options name. */
export function chosenDataDir(options: PlaceOptions): string {
  return options.prefix === undefined ? userDataDir() : prefixDataDir(resolve(options.prefix));
}
