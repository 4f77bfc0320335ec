/**
 * @file The networks of the cases in TensorFlow.js: each a function of its variables' maker, to one from a batch to its
 * mean loss. Labels come one-hot, images as [batch, height, width, channels].
 */

/** @param tf the library, its backend chosen  @param random from -1 to 1 */
export function models(tf, random) {
  const variable = (shape, bound) => {
    const length = shape.reduce((product, size) => product * size, 1);
    return tf.variable(
      tf.tensor(
        Float32Array.from({ length }, () => bound * random()),
        shape,
      ),
    );
  };
  const dense = (inputs, outputs) => {
    const bound = 1 / Math.sqrt(inputs);
    const [weight, bias] = [variable([inputs, outputs], bound), variable([outputs], bound)];
    return (x, activation = "linear") =>
      x.rank === 2
        ? tf.fused.matMul({ a: x, b: weight, bias, activation })
        : tf.fused
            .matMul({ a: x.reshape([-1, inputs]), b: weight, bias, activation })
            .reshape([...x.shape.slice(0, -1), outputs]);
  };
  const convolution = (inputs, outputs, size, pad) => {
    const bound = 1 / Math.sqrt(inputs * size * size);
    const [filter, bias] = [variable([size, size, inputs, outputs], bound), variable([outputs], bound)];
    return (x) => tf.maxPool(tf.relu(tf.conv2d(x, filter, 1, pad).add(bias)), 2, 2, "valid");
  };
  const norm = (width) => {
    const [weight, bias] = [tf.variable(tf.ones([width])), tf.variable(tf.zeros([width]))];
    return (x) => {
      const { mean, variance } = tf.moments(x, -1, true);
      return x.sub(mean).mul(variance.add(1e-5).rsqrt()).mul(weight).add(bias);
    };
  };
  const loss = (logits, labels) => tf.losses.softmaxCrossEntropy(labels, logits);

  const layers = (first, ...rest) => {
    const all = [first, ...rest];
    return (x, labels) =>
      loss(
        all.reduce((value, layer) => layer(value), x),
        labels,
      );
  };
  const activated = (layer) => (x) => layer(x, "relu");
  const flat = (x) => x.reshape([x.shape[0], -1]);

  const block = (width, heads, length) => {
    const [norm1, packed, projection] = [norm(width), dense(width, 3 * width), dense(width, width)];
    const [norm2, wide, narrow] = [norm(width), dense(width, 4 * width), dense(4 * width, width)];
    const size = width / heads;
    const mask = tf.keep(
      tf.tidy(() =>
        tf.linalg
          .bandPart(tf.ones([length, length]), -1, 0)
          .sub(1)
          .mul(1e9),
      ),
    );
    return (x) => {
      const split = (part) => part.reshape([-1, length, heads, size]).transpose([0, 2, 1, 3]);
      const [q, k, v] = tf.split(packed(norm1(x)), 3, -1).map(split);
      const scores = tf
        .matMul(q, k, false, true)
        .mul(1 / Math.sqrt(size))
        .add(mask);
      const mixed = tf.matMul(tf.softmax(scores), v).transpose([0, 2, 1, 3]).reshape([-1, length, width]);
      const after = x.add(projection(mixed));
      const hidden = wide(norm2(after));
      return after.add(narrow(hidden.mul(0.5).mul(hidden.mul(Math.SQRT1_2).erf().add(1))));
    };
  };

  return {
    mlp: () => layers(flat, activated(dense(784, 256)), activated(dense(256, 128)), dense(128, 10)),
    cnn: () =>
      layers(convolution(1, 8, 3, "same"), convolution(8, 16, 3, "same"), flat, dense(16 * 7 * 7, 10)),
    lenet: () =>
      layers(
        convolution(1, 6, 5, "same"),
        convolution(6, 16, 5, "valid"),
        flat,
        activated(dense(16 * 5 * 5, 120)),
        activated(dense(120, 84)),
        dense(84, 10),
      ),
    lstm: () => {
      const [kernel, bias] = [variable([64 + 128, 4 * 128], 1 / Math.sqrt(128)), variable([4 * 128], 0.1)];
      const head = dense(128, 10);
      const forgetBias = tf.scalar(0);
      return (x, labels) => {
        let [c, h] = [tf.zeros([64, 128]), tf.zeros([64, 128])];
        for (const step of tf.unstack(x)) [c, h] = tf.basicLSTMCell(forgetBias, kernel, bias, step, c, h);
        return loss(head(h), labels);
      };
    },
    transformer: () => {
      const [vocabulary, length, width] = [65, 128, 128];
      const tokens = variable([vocabulary, width], 1);
      const positions = variable([length, width], 0.02);
      const blocks = [1, 2, 3, 4].map(() => block(width, 4, length));
      const [last, head] = [norm(width), dense(width, vocabulary)];
      return (oneHot, labels) => {
        // The backends have no kernel for the gradient of a gather; a product with one-hot rows has.
        const embedded = tf.matMul(oneHot, tokens).reshape([-1, length, width]).add(positions);
        const x = blocks.reduce((value, each) => each(value), embedded);
        return loss(head(last(x)).reshape([-1, vocabulary]), labels);
      };
    },
  };
}
