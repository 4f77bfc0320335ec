/** @file Connection files: where a kernel listens and with which key it signs. */
import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import * as v from "valibot";

const port = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535));

const connectionSchema = v.looseObject({
  transport: v.optional(v.picklist(["tcp", "ipc"]), "tcp"),
  ip: v.optional(v.string(), "127.0.0.1"),
  shell_port: port,
  iopub_port: port,
  stdin_port: port,
  control_port: port,
  hb_port: port,
  key: v.optional(v.string(), ""),
  signature_scheme: v.optional(v.literal("hmac-sha256"), "hmac-sha256"),
  kernel_name: v.optional(v.string()),
  /** CurveZMQ keys in Z85; with them every socket is encrypted. */
  curve_publickey: v.optional(v.nullable(v.string())),
  curve_secretkey: v.optional(v.nullable(v.string())),
});

/** The content of a connection file, with its defaults filled in. */
export type ConnectionInfo = v.InferOutput<typeof connectionSchema>;

/** A connection file that cannot be used. */
export class ConnectionFileError extends Error {
  override readonly name = "ConnectionFileError";
}

/** Parses a connection file's text. @throws {ConnectionFileError} */
export function parseConnectionInfo(text: string): ConnectionInfo {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ConnectionFileError("the connection file is not JSON", { cause });
  }
  const result = v.safeParse(connectionSchema, value);
  if (result.success) return result.output;
  const issue = result.issues[0];
  throw new ConnectionFileError(
    `the connection file's ${v.getDotPath(issue) ?? "content"} is wrong: ${issue.message}`,
  );
}

/** The address of one of the kernel's sockets. */
export function socketAddress(
  info: ConnectionInfo,
  channel: "shell" | "iopub" | "stdin" | "control" | "hb",
): string {
  const number = info[`${channel}_port`];
  return info.transport === "ipc" ? `ipc://${info.ip}-${number}` : `tcp://${info.ip}:${number}`;
}

/** Connection info on free loopback ports with a random key. */
export async function createConnectionInfo(kernelName?: string): Promise<ConnectionInfo> {
  const [shell, iopub, stdin, control, hb] = await freePorts(5);
  return v.parse(connectionSchema, {
    transport: "tcp",
    ip: "127.0.0.1",
    shell_port: shell,
    iopub_port: iopub,
    stdin_port: stdin,
    control_port: control,
    hb_port: hb,
    key: randomBytes(32).toString("hex"),
    signature_scheme: "hmac-sha256",
    ...(kernelName === undefined ? {} : { kernel_name: kernelName }),
  });
}

/** `count` distinct free TCP ports of the loopback interface, held together until all are known. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once("error", reject);
          server.listen(0, "127.0.0.1", () => {
            const address = server.address();
            if (address === null || typeof address === "string") reject(new Error("no port was assigned"));
            else resolve(address.port);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
