/** @file Names of images in registries, by the grammar of the OCI distribution specification 1.1. */
import { InvalidInputError } from "../../errors.ts";

/** Where an image is or is to be. */
export interface ImageReference {
  /** Host, with its port where it has one. */
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
}

const repositoryPattern =
  /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;

/**
 * Reads `HOST[:PORT]/REPOSITORY[:TAG]`; the tag is `latest` if there is none. The host must be there: guessing one would
 * send a model to a registry that nobody named.
 * @throws {@link InvalidInputError} for everything else
 */
export function parseReference(text: string): ImageReference {
  const [, registry = "", rest = ""] = /^([^/]+)\/(.+)$/.exec(text) ?? [];
  const [, repository = "", tag = "latest"] = /^([^:]+)(?::([\w][\w.-]{0,127}))?$/.exec(rest) ?? [];
  if (
    !/^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::\d{1,5})?$/.test(registry) ||
    !repositoryPattern.test(repository)
  )
    throw new InvalidInputError(
      `${JSON.stringify(text)} is no image's name: HOST[:PORT]/REPOSITORY[:TAG] is, in lower case, as ghcr.io/team/flights:1`,
    );
  return { registry, repository, tag };
}
