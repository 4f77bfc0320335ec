import { checkTraining } from "./training.ts";

describe("training at length (short form; `npm run soak -- training` is the long one)", function () {
  this.timeout(180_000);

  it("holds no more after 2,000 steps of a multilayer perceptron than early on", () =>
    checkTraining("mlp", 2000));
  it("nor after 2,000 of a convolutional network", () => checkTraining("cnn", 2000));
  it("nor after 2,000 of LeNet", () => checkTraining("lenet", 2000));
  it("nor after 400 of an LSTM", () => checkTraining("lstm", 400));
  it("nor after 100 of a transformer", () => checkTraining("transformer", 100));
});
