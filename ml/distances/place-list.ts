/** A list of places that grows. */
export class PlaceList {
  places = new Int32Array(64);
  length = 0;

  /** Puts a place at the end. */
  push(place: number): void {
    if (this.length === this.places.length) {
      const larger = new Int32Array(2 * this.length);
      larger.set(this.places);
      this.places = larger;
    }
    this.places[this.length++] = place;
  }
}
