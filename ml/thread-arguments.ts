/**
 * The settings of a thread that say which of Node's own arguments it has: those of the process, but for the one that belongs to
 * `--eval`, which a thread refuses: then none are.
 */
export function threadArguments(): { readonly execArgv?: string[] } {
  return process.execArgv.some((each) => each.startsWith("--input-type")) ? { execArgv: [] } : {};
}
