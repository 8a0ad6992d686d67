package dev.groklab.engine;

/**
 * A convolutional network over images [C, H, W]: per layer i {@code h =
 * maxpool(relu(convolution(h)))}, of 3 × 3 with zeros around, width · 2<sup>i</sup> channels,
 * windows of 2 × 2; then, channel after channel in one vector, {@code h = dropout(relu(W h + b))},
 * [hidden], and {@code h = relu(W h + b)}, [hidden/2]; the logits are {@code readout(h)}. Tensors:
 * {@code convolutions.{i}.weight} [out, in, 3, 3] and {@code .bias}, {@code
 * hidden_layers.{0,1}.weight} and {@code .bias}, {@code readout.weight} and {@code .bias}, drawn as
 * PyTorch's {@code nn.Conv2d} and {@code nn.Linear} draw them.
 *
 * @param classes number of logits, those of the data set
 * @param layers number of convolutions, as many as the images can be halved
 * @param width channels of the first; those of the last are at most 65536
 * @param hidden width of the first hidden layer, twice that of the second; 2 … 65536
 */
public record Cnn(int classes, int layers, int width, int hidden) implements Model {

  /**
   * Refuses sizes that are too small. Upper limits are checked when a trainer is made.
   *
   * @throws IllegalArgumentException if {@code hidden} is below 2 or another size below 1
   */
  public Cnn {
    Arguments.requireAtLeast("classes", classes, 1);
    Arguments.requireAtLeast("layers", layers, 1);
    Arguments.requireAtLeast("width", width, 1);
    Arguments.requireAtLeast("hidden", hidden, 2);
  }
}
