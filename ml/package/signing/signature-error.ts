/** A signature that is damaged, of another key or not of this model, or a key that can't be used. */
export class SignatureError extends Error {
  override readonly name = "SignatureError";
}
