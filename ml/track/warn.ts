/** Tells the user what went wrong without stopping the program: on stderr, as Node tells warnings. */
export function warn(message: string): void {
  process.emitWarning(message, "TrackingWarning");
}
