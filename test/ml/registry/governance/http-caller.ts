/** @file Tenon's API of a test server, asked in the name of someone who is not verified. */
import { type ApiCaller, GovernanceClient } from "../../../../ml/registry/governance/index.ts";
import type { TestServer } from "../test-server.ts";

/** A client with what it asks by. */
export class HttpClient extends GovernanceClient {
  readonly api: ApiCaller;

  constructor(api: ApiCaller) {
    super(api);
    this.api = api;
  }
}

/** A client of a server; it calls itself eve. */
export function clientOf(server: TestServer): HttpClient {
  return new HttpClient({
    ask: async (method, endpoint, input) => {
      const query = new URLSearchParams(
        Object.entries(input).map(([key, value]): [string, string] => [key, String(value)]),
      );
      const isGet = method === "GET";
      const response = await fetch(
        `${server.url}/api/2.0/${endpoint}${isGet ? `?${query.toString()}` : ""}`,
        {
          method,
          headers: {
            authorization: `Basic ${Buffer.from("eve:").toString("base64")}`,
            ...(!isGet && { "content-type": "application/json" }),
          },
          ...(!isGet && { body: JSON.stringify(input) }),
        },
      );
      const answer: unknown = await response.json();
      if (response.status !== 200) throw new Error(JSON.stringify(answer));
      return answer;
    },
  });
}
