import { stat } from "node:fs/promises";
import { unfinishedFile } from "../../atomic-file.ts";
import { InvalidInputError } from "../../errors.ts";
import { notebookHost } from "../../notebook-host.ts";
import { withParents } from "./folder-layer.ts";
import { mediaTypes, refName } from "./oci-schema.ts";
import { blobPath, findImage } from "./read-layout.ts";
import { type TarEntry, tarArchive } from "./tar.ts";

/** What an archive is made of. */
export interface DockerArchiveOptions {
  /** What Docker calls the image: `flights:1` or `ghcr.io/team/flights:1`. */
  readonly name: string;
  /** The image's tag in the layout; its only image if not given. */
  readonly tag?: string;
  /** Stops the writing, which then throws the signal's reason; the running cell's where absent. */
  readonly signal?: AbortSignal;
}

/**
 * Writes an image of a layout as a tar for `docker load` and `podman load`: a layout of this one image with the
 * `manifest.json` that Docker before 25 reads. The same image and name give the same bytes.
 * @throws `ImageError` for damaged layouts and where there is no such image
 */
export async function writeDockerArchive(
  layout: string,
  path: string,
  options: DockerArchiveOptions,
): Promise<void> {
  const [, tag] = /^[a-z0-9][a-z0-9._/:-]*:([\w][\w.-]{0,127})$/.exec(options.name) ?? [];
  if (tag === undefined)
    throw new InvalidInputError(
      `name: ${JSON.stringify(options.name)} is no name with a tag, as flights:1 is`,
    );
  const signal = options.signal ?? notebookHost()?.signal;
  const { descriptor, manifest } = await findImage(layout, options.tag, undefined);
  const name = (digest: string): string => `blobs/${digest.replace(":", "/")}`;
  const json = (file: string, value: unknown): TarEntry => ({
    kind: "file",
    name: file,
    mode: 0o644,
    content: Buffer.from(JSON.stringify(value)),
  });
  const blobs = new Map([descriptor, manifest.config, ...manifest.layers].map((blob) => [blob.digest, blob]));
  const entries: TarEntry[] = [
    json("oci-layout", { imageLayoutVersion: "1.0.0" }),
    json("index.json", {
      schemaVersion: 2,
      mediaType: mediaTypes.index,
      manifests: [
        { ...descriptor, annotations: { [refName]: tag, "io.containerd.image.name": options.name } },
      ],
    }),
    json("manifest.json", [
      {
        Config: name(manifest.config.digest),
        RepoTags: [options.name],
        Layers: manifest.layers.map(({ digest }) => name(digest)),
      },
    ]),
  ];
  for (const { digest } of blobs.values()) {
    const file = blobPath(layout, digest);
    const { size } = await stat(file);
    entries.push({ kind: "file", name: name(digest), mode: 0o644, content: { path: file, size } });
  }
  const file = await unfinishedFile(path);
  try {
    for await (const chunk of tarArchive(withParents(entries), signal)) await file.write(chunk);
    await file.commit(path);
  } finally {
    await file.discard();
  }
}
