/** What an image holds and how it is run. */
export interface ImageOptions {
  /** The folder of the program, with only what it needs to run. */
  readonly application: string;
  /** Where the program is in the image; `/app` if not given. Also the folder that it is started in. */
  readonly applicationPath?: string;
  /** Folders of models by their names; each is a layer of its own, uncompressed, at `/models/NAME`. */
  readonly models?: Readonly<Record<string, string>>;
  /** The command that is run, without a shell: `["/usr/local/bin/node", "/app/main.js"]`. */
  readonly entrypoint: readonly string[];
  /**
   * What is below: the folder of an OCI layout (with `:TAG` where it has several), or a tar or tar.gz of a root file system.
   * If not given, it is made of the Node that runs this and the libraries that it and the program's add-ons need.
   */
  readonly base?: string;
  /** The image's name in the layout; `latest` if not given. */
  readonly tag?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** TCP ports that the program listens on. */
  readonly exposedPorts?: readonly number[];
  /** Whom it runs as; `65532:65532` if not given, who is nobody. */
  readonly user?: string;
  /** When it says it was made; 1970 if not given, so that the same input is the same image. */
  readonly created?: Date;
  /** Stops the writing, which then throws the signal's reason; the running cell's where absent. */
  readonly signal?: AbortSignal;
}
