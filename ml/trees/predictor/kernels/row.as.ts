/** A node's 24 bytes: where its value is, whether missing goes right, its left child, a leaf's numbers, and the limit. */
function next<V>(node: usize, row: usize): usize {
  const x = load<V>(row + <usize>load<u32>(node));
  // No value is at least NaN, the limit of leaves, which lead to themselves.
  const goesRight = (<u32>(x >= load<V>(node, 16))) | ((<u32>(x != x)) & load<u32>(node, 4));
  return <usize>load<u32>(node, 8) + <usize>goesRight * 24;
}

/**
 * Adds the leaves of one row to its sums. The table has for each tree, in eights, its root, the address of the first sum it
 * adds to, and how many those are. `sets` of the values behind the row's own are whether a value is outside of a set; their
 * table is that of `placeSets`, but for the last number of an entry, which is the value's address.
 */
export function walkRow<V>(
  trees: usize,
  treeCount: u32,
  row: usize,
  setTable: usize,
  sets: u32,
  zero: f64,
  width: u32,
): void {
  for (let each: u32 = 0; each < sets; each++, setTable += 20) {
    const value = load<V>(row + <usize>load<u32>(setTable) * sizeof<V>());
    let outside: V = 1;
    if (value != value) outside = <V>load<u32>(setTable, 12);
    else if (value >= 0 && value < <V>load<u32>(setTable, 8)) {
      const category = <u32>value;
      const word = load<u32>(<usize>load<u32>(setTable, 4) + ((<usize>(category >> 5)) << 2));
      if ((word >> (category & 31)) & 1) outside = 0;
    }
    store<V>(<usize>load<u32>(setTable, 16), outside);
  }
  if (zero >= 0) {
    for (let at = row, end = row + <usize>width * sizeof<V>(); at < end; at += sizeof<V>())
      if (abs<V>(load<V>(at)) <= <V>zero) store<V>(at, <V>NaN);
  }
  for (let tree: u32 = 0; tree < treeCount; tree += 8, trees += 96) {
    let a = <usize>load<u32>(trees);
    let b = <usize>load<u32>(trees, 12);
    let c = <usize>load<u32>(trees, 24);
    let d = <usize>load<u32>(trees, 36);
    let e = <usize>load<u32>(trees, 48);
    let f = <usize>load<u32>(trees, 60);
    let g = <usize>load<u32>(trees, 72);
    let h = <usize>load<u32>(trees, 84);
    for (;;) {
      const before = a + b + c + d + e + f + g + h;
      a = next<V>(a, row);
      b = next<V>(b, row);
      c = next<V>(c, row);
      d = next<V>(d, row);
      e = next<V>(e, row);
      f = next<V>(f, row);
      g = next<V>(g, row);
      h = next<V>(h, row);
      // A child's address is larger than its parent's.
      if (a + b + c + d + e + f + g + h == before) break;
    }
    add(a, trees);
    add(b, trees + 12);
    add(c, trees + 24);
    add(d, trees + 36);
    add(e, trees + 48);
    add(f, trees + 60);
    add(g, trees + 72);
    add(h, trees + 84);
  }
}

function add(leaf: usize, tree: usize): void {
  let from = <usize>load<u32>(leaf, 12);
  let to = <usize>load<u32>(tree, 4);
  for (let left = load<u32>(tree, 8); left > 0; left--, from += 8, to += 8)
    store<f64>(to, load<f64>(to) + load<f64>(from));
}
