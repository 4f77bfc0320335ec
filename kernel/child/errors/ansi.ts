/** @file ANSI colours for error messages. */

export const red = (text: string): string => `\u001B[31m${text}\u001B[39m`;
export const bold = (text: string): string => `\u001B[1m${text}\u001B[22m`;
export const dim = (text: string): string => `\u001B[2m${text}\u001B[22m`;
export const cyan = (text: string): string => `\u001B[36m${text}\u001B[39m`;
