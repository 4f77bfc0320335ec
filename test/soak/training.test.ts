import { checkTraining } from "./training.ts";

describe("training at length (short form; `npm run soak -- training` is the long one)", function () {
  this.timeout(180_000);

  it("holds no more after 2,000 steps of a multilayer perceptron than early on", () =>
    checkTraining("mlp", 2000));
  it("nor after 800 of a convolutional network", () => checkTraining("cnn", 800));
  it("nor after 400 of LeNet", () => checkTraining("lenet", 400));
  it("nor after 200 of an LSTM", () => checkTraining("lstm", 200));
  it("nor after 60 of a transformer", () => checkTraining("transformer", 60));
});
