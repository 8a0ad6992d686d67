package dev.groklab.engine;

/**
 * Linear layers over rows of real numbers: {@code h} is a row's features; per layer {@code h =
 * dropout(relu(W h + b))}; the logits are {@code readout(h)}. Tensors: {@code layers.{i}.weight}
 * and {@code .bias}, {@code readout.weight} and {@code .bias}, drawn as PyTorch's {@code nn.Linear}
 * draws them.
 *
 * @param classes number of logits, those of the data set
 * @param layers number of hidden layers, 1 … 64
 * @param hidden their width, 1 … 65536
 */
public record Dense(int classes, int layers, int hidden) implements Model {

  /**
   * Refuses sizes below 1. Upper limits are checked when a trainer is made.
   *
   * @throws IllegalArgumentException if a size is below 1
   */
  public Dense {
    Arguments.requireAtLeast("classes", classes, 1);
    Arguments.requireAtLeast("layers", layers, 1);
    Arguments.requireAtLeast("hidden", hidden, 1);
  }
}
