/** @file What the compiler says of shapes: right programs compile, mistakes are errors that a person understands. */
import { join } from "node:path";
import { repositoryRoot } from "../../support/repository.ts";
import { testTypes } from "../../support/type-mistakes.ts";

// What the programs of the folder cost the compiler, with room for a quarter more.
testTypes("types of shapes", join(repositoryRoot, "test/ml/graph/types"), 77_000);
