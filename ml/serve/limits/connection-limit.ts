/**
 * @file How many connections are open at a time, of all clients and of one address. What is over is closed as it comes, before
 * anything is read: what has the connections has the memory and the descriptors that all others need.
 */
import { type Server as NetServer, isIPv6, type Socket } from "node:net";
import { requireCount } from "../../settings.ts";

/** The bounds. */
export interface ConnectionLimitSettings {
  readonly max: number;
  readonly maxPerAddress: number;
}

/** Counts the connections of a server, and closes those over a bound. */
export class ConnectionLimit {
  readonly #settings: ConnectionLimitSettings;
  readonly #byAddress = new Map<string, number>();
  #open = 0;
  /** Connections that were closed because there were too many, or too many of their address. */
  readonly refused = { total: 0, address: 0 };

  /** @throws {InvalidInputError} for bounds that are no counts */
  constructor(settings: ConnectionLimitSettings) {
    requireCount("connections.max", settings.max);
    requireCount("connections.maxPerAddress", settings.maxPerAddress);
    this.#settings = settings;
  }

  /** Connections that are open. */
  get open(): number {
    return this.#open;
  }

  /** Addresses that have connections. */
  get addresses(): number {
    return this.#byAddress.size;
  }

  /** Holds for a server's connections from now on. */
  guard(listener: NetServer): void {
    listener.on("connection", (socket: Socket) => this.#take(socket));
  }

  #take(socket: Socket): void {
    const address = networkOf(socket.remoteAddress ?? "");
    const ofAddress = this.#byAddress.get(address) ?? 0;
    const isFull = this.#open >= this.#settings.max;
    if (isFull || ofAddress >= this.#settings.maxPerAddress) {
      this.refused[isFull ? "total" : "address"] += 1;
      // A reset leaves nothing behind, where a close would leave the port waiting for a minute.
      socket.resetAndDestroy();
      return;
    }
    this.#open += 1;
    this.#byAddress.set(address, ofAddress + 1);
    socket.once("close", () => {
      this.#open -= 1;
      const left = (this.#byAddress.get(address) ?? 1) - 1;
      if (left === 0) this.#byAddress.delete(address);
      else this.#byAddress.set(address, left);
    });
  }
}

/** What one client has addresses of: with IPv6 the network of 64 bits, of which it may use any. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [plain = ""] = address.split("%");
  if (!isIPv6(plain)) return address;
  const [head = "", tail] = plain.split("::");
  const first = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length;
  const groups = [...first, ...Array.from({ length: Math.max(0, zeros) }, () => "0"), ...last];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}
