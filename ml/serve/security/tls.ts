/** @file Certificates of the service and of its clients. */
import { readFile } from "node:fs/promises";
import {
  createSecureContext,
  type SecureContextOptions,
  type Server,
  type TlsOptions,
  type TLSSocket,
} from "node:tls";
import { InvalidInputError } from "../../errors.ts";

/** Paths of PEM files. */
export interface TlsSettings {
  readonly cert: string;
  readonly key: string;
  /** Authorities of clients' certificates. Where it is given, every client must have one (mTLS). */
  readonly clientCa?: string | undefined;
}

/**
 * The options of a TLS server: TLS 1.2 or later, and clients' certificates where an authority for them is given.
 * @throws {InvalidInputError} for files that can't be read or hold no certificate and its key
 */
export async function readTlsOptions(settings: TlsSettings): Promise<TlsOptions> {
  const context = await readContext(settings);
  if (settings.clientCa === undefined) return context;
  return { ...context, requestCert: true, rejectUnauthorized: true };
}

/**
 * Takes certificates that were renewed into a running server; connections that are open stay.
 * @throws {InvalidInputError} as {@link readTlsOptions}; the old certificates stay then
 */
export async function reloadTls(server: Server, settings: TlsSettings): Promise<void> {
  server.setSecureContext(await readContext(settings));
}

/** The common name of a client's verified certificate, undefined where there is none. */
export function clientCertificateName(socket: TLSSocket): string | undefined {
  if (!socket.authorized) return undefined;
  const { subject } = socket.getPeerCertificate();
  // Without a certificate Node gives an empty object.
  const name: unknown = Object(subject as unknown).CN;
  return typeof name === "string" ? name : undefined;
}

async function readContext({ cert, key, clientCa }: TlsSettings): Promise<SecureContextOptions> {
  const options: SecureContextOptions = {
    cert: await readPem(cert),
    key: await readPem(key),
    ...(clientCa !== undefined && { ca: await readPem(clientCa) }),
    minVersion: "TLSv1.2",
  };
  try {
    createSecureContext(options);
  } catch (cause) {
    throw new InvalidInputError(`${cert} and ${key} are no certificate and its key`, { cause });
  }
  return options;
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new InvalidInputError(`${path} cannot be read`, { cause });
  }
}
