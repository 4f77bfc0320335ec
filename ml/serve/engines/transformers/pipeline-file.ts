/** The file that makes a folder of a transformers.js model one that is served. */
export const pipelineFile = "transformers.json";
