/** @file The comm target `tenon.variables`: parses requests, answers each once, and notifies those who watch. */
import * as v from "valibot";
import {
  variablesProtocolVersion,
  variablesRequestSchema,
  variablesTarget,
  type ChildList,
  type Page,
  type Profile,
  type VariableList,
  type VariablesReply,
  type VariablesRequest,
} from "../../protocol.ts";
import type { CommHandle, CommHost } from "../globals/globals-host.ts";
import { thrownText } from "../rich/safe-read.ts";
import type { VariableService } from "./variable-service.ts";

/** What the executor calls. */
export interface VariablesTarget {
  /** A cell has ended: orders are dropped and watchers told what is different. */
  cellEnded(): void;
}

type Result = VariableList | ChildList | Page | Profile;

/** Registers the target. */
export function registerVariablesTarget(comms: CommHost, service: VariableService): VariablesTarget {
  const watchers = new Set<CommHandle>();
  comms.registerTarget(variablesTarget, (comm) => {
    comm.onMessage((event) => answer(comm, event.data, service, watchers));
    comm.onClose(() => watchers.delete(comm));
  });
  return {
    cellEnded: () => {
      service.cellEnded();
      if (watchers.size === 0) return;
      const changes = service.changes();
      if (changes !== undefined) for (const comm of watchers) comm.send(changes);
    },
  };
}

function answer(
  comm: CommHandle,
  data: Record<string, unknown>,
  service: VariableService,
  watchers: Set<CommHandle>,
): void {
  const send = (reply: VariablesReply): void => comm.send(reply);
  const parsed = v.safeParse(variablesRequestSchema, data);
  if (!parsed.success) {
    const id = typeof data["id"] === "number" ? data["id"] : null;
    send({
      type: "error",
      id,
      message: `not a request of ${variablesTarget}: ${v.summarize(parsed.issues)}`,
    });
    return;
  }
  const request = parsed.output;
  const fail = (thrown: unknown): void =>
    send({ type: "error", id: request.id, message: thrownText(thrown) });
  try {
    if (request.type === "hello") {
      send(greet(request));
      return;
    }
    const reply = (result: Result): void => send({ type: "reply", id: request.id, result });
    const result = perform(request, comm, service, watchers);
    // In memory, the answer leaves while the message is handled; a value that pages itself may take its time.
    if (result instanceof Promise) result.then(reply).catch(fail);
    else reply(result);
  } catch (thrown) {
    fail(thrown);
  }
}

function greet(request: VariablesRequest & { type: "hello" }): VariablesReply {
  const { id, version } = request;
  if (version === variablesProtocolVersion) return { type: "hello", id, version: variablesProtocolVersion };
  const older = version < variablesProtocolVersion ? "the editor's extension" : "the project's tenon package";
  return {
    type: "error",
    id,
    message: `the variable view speaks version ${version}, this kernel ${variablesProtocolVersion}: update ${older}`,
  };
}

function perform(
  request: Exclude<VariablesRequest, { type: "hello" }>,
  comm: CommHandle,
  service: VariableService,
  watchers: Set<CommHandle>,
): Result | Promise<Result> {
  switch (request.type) {
    case "list":
      return service.list();
    case "children":
      return service.children(request.path, request.offset, request.limit);
    case "page":
      return service.page(request.path, request);
    case "profile":
      return service.profile(request.path, request.columns, request.filters);
    case "watch":
      if (request.enabled) watchers.add(comm);
      else watchers.delete(comm);
      return service.remember();
    default:
      return request satisfies never;
  }
}
