import { randomValue, sampleGroups, seedOf, trialRandom, type Sampler, type SeedOptions } from "./sampler.ts";

/** A sampler that looks at nothing: each value of a parameter is equally likely (on a log scale, each logarithm). */
export function randomSampler(options: SeedOptions = {}): Sampler {
  const seed = seedOf(options);
  return {
    kind: "random",
    suggest: (sampled) => {
      const random = trialRandom(seed, sampled.number);
      const values = sampleGroups(
        sampled,
        random,
        (_, parameters) =>
          new Map(parameters.map(({ name, distribution }) => [name, randomValue(distribution, random)])),
      );
      return { values };
    },
  };
}
