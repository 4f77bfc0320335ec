/** @file A tree's value for rows that are binned, in a sample of training or out of it. */

/**
 * Adds to each row's float32 the value of the leaf that it comes to. A node is 16 bytes: uint32 feature, uint32 left child
 * (0 at a leaf), uint32 right child, float32 value; and has 256 bytes at `tables`, 1 for bins that go left.
 */
export function addTree(
  nodes: usize,
  tables: usize,
  bins: usize,
  stride: usize,
  count: usize,
  values: usize,
): void {
  for (let row: usize = 0; row < count; row++) {
    const start = bins + row * stride;
    let node: usize = 0;
    for (;;) {
      const at = nodes + (node << 4);
      const left = <usize>load<u32>(at, 4);
      if (left == 0) {
        const to = values + (row << 2);
        store<f32>(to, load<f32>(to) + load<f32>(at, 12));
        break;
      }
      const bin = <usize>load<u8>(start + <usize>load<u32>(at));
      node = load<u8>(tables + (node << 8) + bin) != 0 ? left : <usize>load<u32>(at, 8);
    }
  }
}
