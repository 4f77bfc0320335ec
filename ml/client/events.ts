/** @file Server-sent events, read as the HTML standard says. */

/** An event of a stream. */
export interface ServerEvent {
  /** Its type; "message" where the server gave none. */
  readonly event: string;
  readonly data: string;
  /** The last id that the server gave. */
  readonly id: string;
}

/** The events of a body, as they come. An event that the end cuts off is left out. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let rest = "";
  let [event, data, id, hasData] = ["", "", "", false];
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    // A carriage return at the end may be the first half of a line's end.
    const isHalf = rest.endsWith("\r");
    const lines = (isHalf ? rest.slice(0, -1) : rest).split(/\r\n|\r|\n/);
    rest = (lines.pop() ?? "") + (isHalf ? "\r" : "");
    for (const line of lines) {
      if (line === "") {
        if (hasData) yield { event: event || "message", data, id };
        [event, data, hasData] = ["", "", false];
        continue;
      }
      const at = line.indexOf(":");
      const field = at < 0 ? line : line.slice(0, at);
      const value = at < 0 ? "" : line.slice(at + 1).replace(/^ /, "");
      if (field === "event") event = value;
      else if (field === "data") {
        data = hasData ? `${data}\n${value}` : value;
        hasData = true;
      } else if (field === "id" && !value.includes("\u0000")) id = value;
    }
  }
}
