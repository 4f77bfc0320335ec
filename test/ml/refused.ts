import assert from "node:assert/strict";
import { InvalidInputError } from "../../ml/errors.ts";

/** Throws unless something fails with an InvalidInputError of a message like this. */
export async function refused(use: () => unknown, message: RegExp): Promise<void> {
  await assert.rejects(
    async () => use(),
    (error) => {
      assert.ok(error instanceof InvalidInputError, String(error));
      assert.match(error.message, message);
      return true;
    },
  );
}
