/** @file The tags of cells that parameters are about; they are papermill's. */

/** The tag of the cell that declares a notebook's parameters. */
export const parametersTag = "parameters";
/** The tag of the cell that gives them the values of one run. */
export const injectedTag = "injected-parameters";
