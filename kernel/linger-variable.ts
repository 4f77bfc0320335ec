/** @file The name of the variable that says how long a kernel outlives its clients. */

/** The environment variable with the seconds that a kernel goes on without a client; without it, for ever. */
export const lingerVariable = "TENON_KERNEL_LINGER";
