/**
 * @file The networks of the cases in jax-js: for each the shapes of its parameters with the bounds of their first
 * values (or a constant), and the mean loss as a function of the parameters and a batch. Labels come one-hot.
 *
 * jax-js counts references: each use of an array but the last is written `.ref`.
 */

/** @param jax the library */
export function models({ numpy: np, nn, lax }) {
  const dense = (inputs, outputs) => {
    const bound = 1 / Math.sqrt(inputs);
    return [
      { shape: [inputs, outputs], bound },
      { shape: [outputs], bound },
    ];
  };
  const convolution = (inputs, outputs, size) => {
    const bound = 1 / Math.sqrt(inputs * size * size);
    return [
      { shape: [outputs, inputs, size, size], bound },
      { shape: [outputs, 1, 1], bound },
    ];
  };
  const norm = (width) => [
    { shape: [width], constant: 1 },
    { shape: [width], constant: 0 },
  ];

  const affine = (x, next) => np.matmul(x, next()).add(next());
  const normalized = (x, next) => nn.standardize(x, -1).mul(next()).add(next());
  const convolved = (x, next, padding) => {
    const y = nn.relu(lax.convGeneralDilated(x, next(), [1, 1], padding).add(next()));
    const [batch, channels, height, width] = y.shape;
    return np.max(y.reshape([batch, channels, height / 2, 2, width / 2, 2]), [3, 5]);
  };
  const flat = (x) => x.reshape([x.shape[0], -1]);
  const loss = (logits, labels) => np.mean(np.sum(nn.logSoftmax(logits, -1).mul(labels), -1)).mul(-1);

  /** The parameters one after another, as the shapes list them. */
  const inOrder = (compute) => (parameters, x, labels) => {
    let index = 0;
    return loss(
      compute(x, () => parameters[index++]),
      labels,
    );
  };

  const lstm = (parameters, x, labels) => {
    const [inputWeight, hiddenWeight, bias, weight, headBias] = parameters;
    const [steps, batch, hidden] = [50, 64, 128];
    // One product for the inputs of all steps.
    const inputs = np.split(np.matmul(x, inputWeight).add(bias), steps, 0);
    let [h, c] = [np.zeros([batch, hidden]), np.zeros([batch, hidden])];
    for (const input of inputs) {
      const gates = input.reshape([batch, 4 * hidden]).add(np.matmul(h, hiddenWeight.ref));
      const [i, f, g, o] = np.split(gates, 4, 1);
      c = nn
        .sigmoid(f)
        .mul(c)
        .add(nn.sigmoid(i).mul(np.tanh(g)));
      h = nn.sigmoid(o).mul(np.tanh(c.ref));
    }
    c.dispose();
    hiddenWeight.dispose();
    return loss(np.matmul(h, weight).add(headBias), labels);
  };

  /** Zero up to the diagonal, far below zero after it. */
  const causal = (length) => {
    const late = Float32Array.from({ length: length * length }, (_, index) =>
      index % length > Math.floor(index / length) ? -1e9 : 0,
    );
    return np.array(late, { shape: [length, length] });
  };

  const block = (x, next) => {
    const [batch, length, width] = x.shape;
    const packed = affine(normalized(x.ref, next), next);
    const heads = 4;
    const split = (part) => np.transpose(part.reshape([batch, length, heads, width / heads]), [0, 2, 1, 3]);
    const [q, k, v] = np.split(packed, 3, 2).map(split);
    // Its own attention is an einsum, which needs Node 22.
    const scores = np.matmul(q, np.transpose(k, [0, 1, 3, 2])).mul(1 / Math.sqrt(width / heads));
    const attended = np.matmul(nn.softmax(scores.add(causal(length)), -1), v);
    const mixed = np.transpose(attended, [0, 2, 1, 3]).reshape([batch, length, width]);
    const after = x.add(affine(mixed, next));
    const hidden = nn.gelu(affine(normalized(after.ref, next), next), { approximate: false });
    return after.add(affine(hidden, next));
  };
  const blockShapes = (width) => [
    ...norm(width),
    ...dense(width, 3 * width),
    ...dense(width, width),
    ...norm(width),
    ...dense(width, 4 * width),
    ...dense(4 * width, width),
  ];

  return {
    mlp: {
      shapes: [...dense(784, 256), ...dense(256, 128), ...dense(128, 10)],
      loss: inOrder((x, next) => affine(nn.relu(affine(nn.relu(affine(flat(x), next)), next)), next)),
    },
    cnn: {
      shapes: [...convolution(1, 8, 3), ...convolution(8, 16, 3), ...dense(16 * 7 * 7, 10)],
      loss: inOrder((x, next) => affine(flat(convolved(convolved(x, next, "SAME"), next, "SAME")), next)),
    },
    lenet: {
      shapes: [
        ...convolution(1, 6, 5),
        ...convolution(6, 16, 5),
        ...dense(16 * 5 * 5, 120),
        ...dense(120, 84),
        ...dense(84, 10),
      ],
      loss: inOrder((x, next) => {
        const features = flat(convolved(convolved(x, next, "SAME"), next, "VALID"));
        return affine(nn.relu(affine(nn.relu(affine(features, next)), next)), next);
      }),
    },
    lstm: {
      shapes: [
        { shape: [64, 512], bound: 1 / Math.sqrt(128) },
        { shape: [128, 512], bound: 1 / Math.sqrt(128) },
        { shape: [512], bound: 0.1 },
        ...dense(128, 10),
      ],
      loss: lstm,
    },
    transformer: {
      shapes: [
        { shape: [65, 128], bound: 1 },
        { shape: [128, 128], bound: 0.02 },
        ...[1, 2, 3, 4].flatMap(() => blockShapes(128)),
        ...norm(128),
        ...dense(128, 65),
      ],
      loss: inOrder((oneHot, next) => {
        let x = np.matmul(oneHot, next()).add(next());
        for (let layer = 0; layer < 4; layer++) x = block(x, next);
        return affine(normalized(x, next), next);
      }),
    },
  };
}
