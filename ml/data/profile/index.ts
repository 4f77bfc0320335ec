/** @file `tenon/data/profile`: what a table holds. */
export { profile, type ProfileOptions } from "./profile.ts";
export { TableProfile } from "./table-profile.ts";
export { ProfileFormatError } from "./profile-schema.ts";
export type * from "./profile-data.ts";
