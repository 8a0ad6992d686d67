package dev.groklab.engine;

/**
 * Residual blocks over the concatenated embeddings: {@code h} is {@code token_embedding[token] +
 * position_embedding[position]} of all T positions one after the other, [T·d]; per layer {@code h =
 * LN(h + W₂ relu(W₁ dropout(h) + b₁) + b₂)}; the logits are {@code readout(h)}. The epsilon of the
 * layer norms is 1e-5, all biases are on.
 *
 * @param vocabulary V, that of the data set: rows of the token table, and number of logits
 * @param positions rows of the position table, at least the sequence length
 * @param layers number of blocks, 1 … 64
 * @param width d, 1 … 8192; T·d is at most 65536
 * @param hidden width of the feed-forward layer, 1 … 65536
 */
public record Mlp(int vocabulary, int positions, int layers, int width, int hidden)
    implements Model {

  /**
   * Refuses sizes below 1. Upper limits are checked when a trainer is made.
   *
   * @throws IllegalArgumentException if a size is below 1
   */
  public Mlp {
    Arguments.requireAtLeast("vocabulary", vocabulary, 1);
    Arguments.requireAtLeast("positions", positions, 1);
    Arguments.requireAtLeast("layers", layers, 1);
    Arguments.requireAtLeast("width", width, 1);
    Arguments.requireAtLeast("hidden", hidden, 1);
  }
}
