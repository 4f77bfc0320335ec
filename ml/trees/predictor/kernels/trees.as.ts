/** One test of sixteen (or eight) rows: whether each row's place is below the threshold. */
function goesLeft<T>(block: usize, group: usize, node: usize): v128 {
  return v128.lt<T>(
    v128.load(<usize>load<u32>(block + node * 8) + group),
    v128.load_splat<T>(block + node * 8, 4),
  );
}

function operand(block: usize, at: usize): v128 {
  return v128.load(<usize>load<u32>(block + at * 4, 56));
}

/**
 * The leaf of each row of a group, by blocks of seven tests: three levels of a tree. A block takes one of eight operands
 * for each row, vectors of leaf numbers or what a block before it found.
 */
function runBlocks<T>(block: usize, end: usize, group: usize): void {
  for (; block < end; block += 96) {
    const second = goesLeft<T>(block, group, 1);
    const third = goesLeft<T>(block, group, 2);
    const low = v128.bitselect(
      v128.bitselect(operand(block, 0), operand(block, 1), goesLeft<T>(block, group, 3)),
      v128.bitselect(operand(block, 2), operand(block, 3), goesLeft<T>(block, group, 4)),
      second,
    );
    const high = v128.bitselect(
      v128.bitselect(operand(block, 4), operand(block, 5), goesLeft<T>(block, group, 5)),
      v128.bitselect(operand(block, 6), operand(block, 7), goesLeft<T>(block, group, 6)),
      third,
    );
    v128.store(<usize>load<u32>(block, 88), v128.bitselect(low, high, goesLeft<T>(block, group, 0)));
  }
}

function step<T>(node: usize, row: usize): usize {
  const place = <u32>load<T>(<usize>load<u32>(node) + row);
  return <usize>load<u32>(node, 8) + ((<usize>(place >= load<u32>(node, 4))) << 4);
}

/** The leaves of eight rows, found by walking; a leaf's step leads to itself. Writes their values' addresses. */
function walk<T>(root: usize, row: usize, found: usize): void {
  const size = sizeof<T>();
  let a = root;
  let b = root;
  let c = root;
  let d = root;
  let e = root;
  let f = root;
  let g = root;
  let h = root;
  for (;;) {
    const before = a + b + c + d + e + f + g + h;
    a = step<T>(a, row);
    b = step<T>(b, row + size);
    c = step<T>(c, row + 2 * size);
    d = step<T>(d, row + 3 * size);
    e = step<T>(e, row + 4 * size);
    f = step<T>(f, row + 5 * size);
    g = step<T>(g, row + 6 * size);
    h = step<T>(h, row + 7 * size);
    // A child's address is larger than its parent's.
    if (a + b + c + d + e + f + g + h == before) break;
  }
  store<u32>(found, load<u32>(a, 12));
  store<u32>(found, load<u32>(b, 12), 4);
  store<u32>(found, load<u32>(c, 12), 8);
  store<u32>(found, load<u32>(d, 12), 12);
  store<u32>(found, load<u32>(e, 12), 16);
  store<u32>(found, load<u32>(f, 12), 20);
  store<u32>(found, load<u32>(g, 12), 24);
  store<u32>(found, load<u32>(h, 12), 28);
}

/**
 * Adds each tree's leaf to the sums of a chunk of rows, which stand output by output, `stride` bytes each. The table has
 * for each tree: whether it is walked, its blocks' start and end or its root, its values or where the addresses of
 * found values go, the last block's result, its first output and how many it has.
 */
export function predictTrees<T>(trees: usize, treeCount: u32, count: u32, sums: usize, stride: u32): void {
  const lanes: usize = 16 / sizeof<T>();
  for (let tree: u32 = 0; tree < treeCount; tree++, trees += 28) {
    const start = <usize>load<u32>(trees, 4);
    const values = <usize>load<u32>(trees, 12);
    const outputs = <usize>load<u32>(trees, 24);
    let to = sums + <usize>load<u32>(trees, 20) * stride;
    if (load<u32>(trees)) {
      for (let row: usize = 0; row < count; row += 8, to += 64) {
        walk<T>(start, row * sizeof<T>(), values);
        for (let output: usize = 0; output < outputs; output++) {
          const into = to + output * stride;
          for (let lane: usize = 0; lane < 8; lane++) {
            const leaf = <usize>load<u32>(values + lane * 4);
            store<f64>(into + lane * 8, load<f64>(into + lane * 8) + load<f64>(leaf + output * 8));
          }
        }
      }
      continue;
    }
    const end = <usize>load<u32>(trees, 8);
    const result = <usize>load<u32>(trees, 16);
    for (let row: usize = 0; row < count; row += lanes, to += lanes * 8) {
      runBlocks<T>(start, end, row * sizeof<T>());
      if (outputs == 1) {
        for (let lane: usize = 0; lane < lanes; lane += 4)
          addFour<T>(to + lane * 8, result + lane * sizeof<T>(), values);
      } else {
        for (let output: usize = 0; output < outputs; output++) {
          const into = to + output * stride;
          for (let lane: usize = 0; lane < lanes; lane++) {
            const leaf = values + (<usize>load<T>(result + lane * sizeof<T>()) * outputs + output) * 8;
            store<f64>(into + lane * 8, load<f64>(into + lane * 8) + load<f64>(leaf));
          }
        }
      }
    }
  }
}

function addFour<T>(to: usize, found: usize, values: usize): void {
  const a = load<f64>(values + ((<usize>load<T>(found)) << 3));
  const b = load<f64>(values + ((<usize>load<T>(found + sizeof<T>())) << 3));
  const c = load<f64>(values + ((<usize>load<T>(found + 2 * sizeof<T>())) << 3));
  const d = load<f64>(values + ((<usize>load<T>(found + 3 * sizeof<T>())) << 3));
  store<f64>(to, load<f64>(to) + a);
  store<f64>(to, load<f64>(to, 8) + b, 8);
  store<f64>(to, load<f64>(to, 16) + c, 16);
  store<f64>(to, load<f64>(to, 24) + d, 24);
}
