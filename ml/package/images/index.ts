/** @file `tenon/package/images`: container images and model artifacts as OCI layouts, written without Docker. */
export { writeImage } from "./write-image.ts";
export type { WrittenImage } from "./write-image.ts";
export type { ImageOptions } from "./image-options.ts";
export { ImageError } from "./image-error.ts";
export { writeDockerArchive } from "./docker-archive.ts";
export type { DockerArchiveOptions } from "./docker-archive.ts";
export { writeModelPack } from "./model-pack.ts";
export type { ModelDescriptor, ModelPackOptions, ModelTechnology, WrittenModelPack } from "./model-pack.ts";
export { pushImage } from "./push-image.ts";
export type { PushedImage, PushOptions } from "./push-image.ts";
export type { RegistryCredentials } from "./registry-client.ts";
