/**
 * @file The socket that broadcasts, with subscriptions that take effect when the kernel says so: a subscriber's first
 * message is its welcome, whatever is published at that moment.
 */
import { type SocketOptions, XPublisher } from "zeromq";

/** ZeroMQ's numbers for its options. */
const option = { subscribe: 6, unsubscribe: 7 } as const;

export class IopubSocket extends XPublisher {
  constructor(options: SocketOptions<XPublisher>) {
    super(options);
    this.verbosity = "allSubs";
    this.manual = true;
  }

  /** Lets the peer whose subscription was received last hear a topic; to be called before anything else is received. */
  admit(topic: Buffer): void {
    this.setStringOption(option.subscribe, topic);
  }

  /** The opposite of {@link admit}. A peer that goes away needs none. */
  dismiss(topic: Buffer): void {
    this.setStringOption(option.unsubscribe, topic);
  }
}
