/** @file An image's configuration: how it is run, and what its layers are. */
import { InvalidInputError } from "../../errors.ts";
import type { ImageConfig, Platform } from "./oci-schema.ts";
import type { ImageOptions } from "./image-options.ts";

/** A layer as the configuration tells of it. */
interface ConfiguredLayer {
  readonly content: string;
  readonly diffId: string;
}

/** Options that were found good, and what they say. */
export interface RunConfig {
  /** The configuration's document over that of the base. */
  document(base: ImageConfig | undefined, platform: Platform, layers: readonly ConfiguredLayer[]): object;
}

const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Checks how an image is to be run.
 * @throws {@link InvalidInputError} for an empty command, names of variables with "=", ports that are none and bad dates
 */
export function runConfig(options: ImageOptions): RunConfig {
  const {
    entrypoint,
    env = {},
    labels = {},
    exposedPorts = [],
    tag = "latest",
    user = "65532:65532",
  } = options;
  if (entrypoint.length === 0) throw new InvalidInputError("entrypoint must name a program");
  if (!/^[\w][\w.-]{0,127}$/.test(tag))
    throw new InvalidInputError(
      `tag: ${JSON.stringify(tag)} must be up to 128 letters, digits, ".", "_" and "-"`,
    );
  for (const name of Object.keys(env))
    if (name === "" || name.includes("="))
      throw new InvalidInputError(`env: ${JSON.stringify(name)} is no name`);
  for (const port of exposedPorts)
    if (!Number.isInteger(port) || port < 1 || port > 65535)
      throw new InvalidInputError(`exposedPorts: ${port} is no port`);
  const created = options.created ?? new Date(0);
  if (Number.isNaN(created.getTime())) throw new InvalidInputError("created is no date");
  return {
    document: (base, platform, layers) => {
      const inherited = base?.config ?? {};
      return {
        created: created.toISOString(),
        architecture: platform.architecture,
        os: platform.os,
        config: {
          ...inherited,
          // A base's command would become arguments of this entrypoint.
          Cmd: undefined,
          User: user,
          Entrypoint: entrypoint,
          WorkingDir: options.applicationPath ?? "/app",
          Env: mergedEnv(inherited.Env ?? [], env),
          ...texts("Labels", { ...inherited.Labels, ...labels }),
          ...texts("ExposedPorts", {
            ...inherited.ExposedPorts,
            ...Object.fromEntries(exposedPorts.map((port) => [`${port}/tcp`, {}])),
          }),
        },
        rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
        history: history(base, created, layers),
      };
    },
  };
}

/** The base's variables with those that are given over them; a PATH in any case. */
function mergedEnv(inherited: readonly string[], env: Readonly<Record<string, string>>): readonly string[] {
  const values = new Map([["PATH", defaultPath]]);
  for (const text of inherited) values.set(text.split("=", 1)[0] ?? "", text.slice(text.indexOf("=") + 1));
  for (const [name, value] of Object.entries(env)) values.set(name, value);
  return [...values].map(([name, value]) => `${name}=${value}`);
}

function texts(name: string, values: Readonly<Record<string, unknown>>): Readonly<Record<string, object>> {
  const sorted = Object.entries(values).sort(([left], [right]) => (left < right ? -1 : 1));
  return sorted.length === 0 ? {} : { [name]: Object.fromEntries(sorted) };
}

/** An entry for each layer; the base's own where it has them for all of its layers. */
function history(
  base: ImageConfig | undefined,
  created: Date,
  layers: readonly ConfiguredLayer[],
): readonly object[] {
  const known = base?.history ?? [];
  const count = base?.rootfs.diff_ids.length ?? 0;
  const complete = known.filter(({ empty_layer: empty }) => empty !== true).length === count && count > 0;
  return [
    ...(complete ? known : []),
    ...layers
      .slice(complete ? count : 0)
      .map(({ content }) => ({ created: created.toISOString(), created_by: `tenon: ${content}` })),
  ];
}
