/** An image, or what it is to be made of, that can't be used: damaged layouts, programs of other machines, missing files. */
export class ImageError extends Error {
  override readonly name = "ImageError";
}
