/** @file What threads of this library are started with. */

/** Node's own arguments are inherited, but for the one that belongs to `--eval`, which a thread refuses: then none are. */
export function threadArguments(): { readonly execArgv?: string[] } {
  return process.execArgv.some((each) => each.startsWith("--input-type")) ? { execArgv: [] } : {};
}
