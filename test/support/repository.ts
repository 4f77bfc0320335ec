import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** The root folder of the repository. */
export const repositoryRoot: string = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
