/** @file What is known of a version when it is asked whether an alias may point to it. */
import type { Evidence } from "../../package/evidence.ts";
import type { ModelSignature } from "../../package/signature.ts";
import type { Actor } from "./actor.ts";

/** A piece of evidence with who gave it. */
export interface VersionEvidence extends Evidence {
  /** Undefined for what came with the model's files. */
  readonly by?: Actor;
  /** Milliseconds since 1970; undefined for what came with the model's files. */
  readonly at?: number;
}

/** What someone said of a version. */
export interface Review {
  readonly verdict: "approve" | "reject";
  readonly by: Actor;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly comment: string;
  /** The digest of the version's files at that time; undefined where they can't be read here. */
  readonly files?: string;
}

/** What a version's files say. */
export interface VersionFiles {
  /** SHA-256 over the names and digests of all files. */
  readonly digest: string;
  /** What it takes and gives, or why that isn't known. */
  readonly signature: ModelSignature | { readonly unknown: string };
  readonly evidence: readonly Evidence[];
}

/** What is known of a version. */
export interface VersionFacts {
  readonly model: string;
  readonly version: string;
  /**
   * The names of those who made it: who registered it; who, as the server has proved it, made its run and its logged model and wrote
   * their files; and who is said to have run its run.
   */
  readonly authors: readonly string[];
  /** The latest metrics of its run. */
  readonly metrics: ReadonlyMap<string, number>;
  /** Oldest first. */
  readonly evidence: readonly VersionEvidence[];
  /** Oldest first. */
  readonly reviews: readonly Review[];
  /** Its files, or why they can't be read. */
  readonly files: VersionFiles | { readonly unreadable: string };
}
