/**
 * @file Uploads in parts by the client's own links, as `mlflow-artifacts/mpu/…` makes them. The folder is that of the URL, the file's
 * name the last part of the client's own path, as MLflow's server takes it.
 */
import * as v from "valibot";
import type { Identity } from "../access/identity.ts";
import { type PartUploads, safePath } from "../artifacts/artifact-storage.ts";
import { invalidParameter, MlflowError } from "../mlflow-error.ts";
import { noteContributor, subjectsIn } from "../store/contributors.ts";
import type { Store } from "../store/store.ts";
import { integer, missingParameter, parseRequest, requiredText, text } from "./request-schema.ts";

/** As S3 takes them. */
const mostParts = 10_000;

export type MultipartAction = "create" | "complete" | "abort";

/** Answers a call for a file of a folder, whose path is decoded. Throws MLflow's NOT_IMPLEMENTED where artifacts are in a folder. */
export async function answerMultipart(
  store: Store,
  action: MultipartAction,
  folder: string,
  input: unknown,
  identity: Identity,
): Promise<object> {
  const base = safePath(folder);
  // Before there is a file that nobody is noted for, as where it goes through the server.
  const note = async (file: string): Promise<void> => noteContributor(store, subjectsIn(file), identity);
  switch (action) {
    case "create": {
      const asked = parseRequest(v.object({ path: requiredText, num_parts: integer }), input);
      const uploads = partUploads(store);
      const parts = asked.num_parts ?? 1;
      if (parts < 1 || parts > mostParts)
        throw invalidParameter(`num_parts must be between 1 and ${mostParts}.`);
      const file = fileOf(base, asked.path);
      await note(file);
      const { id, urls } = await uploads.begin(file, parts);
      const credentials = urls.map((url, at) => ({ url, part_number: at + 1, headers: {} }));
      return { upload_id: id, credentials };
    }
    case "complete": {
      const part = v.object({ part_number: integer, etag: text });
      const schema = v.object({ path: requiredText, upload_id: text, parts: v.array(part) });
      const { path, upload_id, parts } = parseRequest(schema, input);
      const sent = parts.map(({ part_number, etag }) => ({ number: part_number ?? 0, tag: etag }));
      const uploads = partUploads(store);
      const file = fileOf(base, path);
      await note(file);
      await uploads.complete(file, uploadIdOf(upload_id), sent);
      return {};
    }
    case "abort": {
      const { path, upload_id } = parseRequest(v.object({ path: requiredText, upload_id: text }), input);
      await partUploads(store).abort(fileOf(base, path), uploadIdOf(upload_id));
      return {};
    }
  }
}

function partUploads({ artifacts }: Store): PartUploads {
  if (artifacts.partUploads) return artifacts.partUploads;
  throw new MlflowError(
    "NOT_IMPLEMENTED",
    "Multipart upload is not supported for the current artifact repository",
  );
}

/** The file in a folder that has the name of a client's file, whichever system the client is on. */
function fileOf(folder: string, path: string): string {
  const name = safePath(path.split(/[\\/]/).at(-1) ?? "");
  if (name === "") throw invalidParameter("Invalid path");
  return folder === "" ? name : `${folder}/${name}`;
}

function uploadIdOf(id: string): string {
  if (id === "") throw missingParameter("upload_id");
  return id;
}
