package dev.groklab.engine;

/**
 * An encoder–decoder Transformer over pairs of sequences, as PyTorch's {@code nn.Transformer}:
 * post-norm, ReLU, biases throughout, final norms of both stacks; but positions are learned, of one
 * table for sources and targets, and attention weights are not dropped. Sources and targets begin
 * with {@code h = dropout(embedding[token] + position_embedding[position])}. Per layer of the
 * encoder {@code h = LN(h + dropout(attention(h)))}, {@code h = LN(h + dropout(W₂ dropout(relu(W₁ h
 * + b₁)) + b₂))}; per layer of the decoder the same with {@code h = LN(h + dropout(attention(h,
 * encoded)))} between; the logits are {@code readout(LN(h))} at each position of the target. Nobody
 * attends to what comes after a sequence's end.
 *
 * @param classes number of logits, the target symbols of the data set
 * @param positions rows of the position table, at least the longer of the data set's lengths
 * @param layers number of layers of either stack, 1 … 64
 * @param width d, 1 … 8192
 * @param heads number of attention heads; divides the width
 * @param hidden width of the feed-forward layers, 1 … 65536
 * @param causal whether a position of the target sees none after it, as it must where the answers
 *     stand there
 * @see <a href="https://arxiv.org/abs/1706.03762">Vaswani et al.: Attention is all you need
 *     (NeurIPS 2017)</a>
 */
public record Seq2Seq(
    int classes, int positions, int layers, int width, int heads, int hidden, boolean causal)
    implements Model {

  /**
   * Refuses sizes below 1. Upper limits are checked when a trainer is made.
   *
   * @throws IllegalArgumentException if a size is below 1
   */
  public Seq2Seq {
    Arguments.requireAtLeast("classes", classes, 1);
    Arguments.requireAtLeast("positions", positions, 1);
    Arguments.requireAtLeast("layers", layers, 1);
    Arguments.requireAtLeast("width", width, 1);
    Arguments.requireAtLeast("heads", heads, 1);
    Arguments.requireAtLeast("hidden", hidden, 1);
  }
}
