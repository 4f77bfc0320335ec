/** @file Answers that clients don't take: they must not hold the server's memory for ever. */
import type { ServerResponse } from "node:http";

/**
 * Closes the connection where something of an answer waits to be taken and nothing is for so many milliseconds. An answer that the
 * system has taken whole, as most are, costs a look.
 */
export function boundUnread(response: ServerResponse, milliseconds: number): void {
  const { socket } = response;
  if (!socket || socket.writableLength === 0 || socket.timeout === milliseconds) return;
  // Node's server destroys a connection whose time is up, and gives it the time of an idle one when the answer is out.
  socket.setTimeout(milliseconds);
  const taken = (): void => {
    response.off("drain", taken).off("finish", taken);
    if (socket.timeout === milliseconds) socket.setTimeout(0);
  };
  // Before Node's own listener, which gives the connection the time of an idle one.
  response.once("drain", taken).prependOnceListener("finish", taken);
}
