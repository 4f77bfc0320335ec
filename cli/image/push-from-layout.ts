/** @file Does what `tenon image push` is asked. */
import { pushImage, type RegistryCredentials } from "../../ml/package/images/index.ts";
import type { ImagePushOptions } from "../commands/image-push.ts";
import { CommandFailure, exitCode } from "../failure.ts";
import { Terminal } from "../terminal.ts";
import { withRefusals } from "../refusals.ts";

/** Pushes an image and prints how its blobs came there. @throws {CommandFailure} */
export async function pushFromLayout(
  layout: string,
  reference: string,
  options: ImagePushOptions,
): Promise<void> {
  const { tag, mountFrom, chunkSize, plainHttp } = options;
  const credentials = credentialsFromEnvironment();
  const { digest, blobs } = await withRefusals((signal) =>
    pushImage(layout, reference, {
      signal,
      ...(tag === undefined ? {} : { tag }),
      ...(mountFrom === undefined ? {} : { mountFrom }),
      ...(chunkSize === undefined ? {} : { chunkSize }),
      ...(plainHttp === undefined ? {} : { plainHttp }),
      ...(credentials === undefined ? {} : { credentials }),
    }),
  );
  const terminal = new Terminal(process.stdout);
  if (options.json === true) {
    terminal.line(JSON.stringify({ digest, blobs: Object.fromEntries(blobs) }, undefined, 2));
    return;
  }
  for (const [blob, how] of blobs) terminal.line(`${blob.slice(0, 19)}  ${how}`);
  terminal.line(`${reference} is ${digest}`);
}

function credentialsFromEnvironment(): RegistryCredentials | undefined {
  const { TENON_REGISTRY_USERNAME: username, TENON_REGISTRY_PASSWORD: password } = process.env;
  if (username === undefined && password === undefined) return undefined;
  if (username === undefined || password === undefined)
    throw new CommandFailure(
      "TENON_REGISTRY_USERNAME and TENON_REGISTRY_PASSWORD go together; only one is set",
      exitCode.usage,
    );
  return { username, password };
}
