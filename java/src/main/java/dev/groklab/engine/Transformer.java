package dev.groklab.engine;

/**
 * A causal, post-norm decoder: {@code h = token_embedding[token] + position_embedding[position]};
 * per layer {@code h = LN(h + dropout(attention(h)))}, {@code h = LN(h + dropout(W₂ gelu(W₁ h + b₁)
 * + b₂))}; the logits are {@code readout(LN(h))} at the last position. Scores are scaled by
 * 1/√(width/heads), GELU is exact, the epsilon of the layer norms is 1e-5, all biases are on.
 *
 * @param vocabulary V, that of the data set: rows of the token table, and number of logits
 * @param positions rows of the position table, at least the sequence length
 * @param layers number of blocks, 1 … 64
 * @param width d, 1 … 8192
 * @param heads number of attention heads; divides the width
 * @param hidden width of the feed-forward layer, 1 … 65536
 */
public record Transformer(
    int vocabulary, int positions, int layers, int width, int heads, int hidden) implements Model {

  /**
   * Refuses sizes below 1. Upper limits are checked when a trainer is made.
   *
   * @throws IllegalArgumentException if a size is below 1
   */
  public Transformer {
    Arguments.requireAtLeast("vocabulary", vocabulary, 1);
    Arguments.requireAtLeast("positions", positions, 1);
    Arguments.requireAtLeast("layers", layers, 1);
    Arguments.requireAtLeast("width", width, 1);
    Arguments.requireAtLeast("heads", heads, 1);
    Arguments.requireAtLeast("hidden", hidden, 1);
  }
}
