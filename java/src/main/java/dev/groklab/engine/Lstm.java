package dev.groklab.engine;

/**
 * Stacked long short-term memory. Per layer and position, gates {@code a = W_input x + b_input +
 * W_hidden h' + b_hidden} in the order input, forget, cell, output; {@code c = σ(a_f) c' + σ(a_i)
 * tanh(a_g)}, {@code h = σ(a_o) tanh(c)}, where {@code c'} and {@code h'} are those of the position
 * before, zero before the first. {@code x} is {@code token_embedding[token] +
 * position_embedding[position]} in the first layer, then {@code dropout(h)} of the layer below; the
 * logits are {@code readout(h)} at the last position. All biases are on.
 *
 * @param vocabulary V, that of the data set: rows of the token table, and number of logits
 * @param positions rows of the position table, at least the sequence length
 * @param layers number of layers, 1 … 64
 * @param width d, of the embeddings, 1 … 8192
 * @param hidden width of the state, 1 … 65536
 * @see <a href="https://doi.org/10.1162/neco.1997.9.8.1735">Hochreiter, Schmidhuber: Long
 *     short-term memory (Neural Computation, 1997)</a>
 */
public record Lstm(int vocabulary, int positions, int layers, int width, int hidden)
    implements Model {

  /**
   * Refuses sizes below 1. Upper limits are checked when a trainer is made.
   *
   * @throws IllegalArgumentException if a size is below 1
   */
  public Lstm {
    Arguments.requireAtLeast("vocabulary", vocabulary, 1);
    Arguments.requireAtLeast("positions", positions, 1);
    Arguments.requireAtLeast("layers", layers, 1);
    Arguments.requireAtLeast("width", width, 1);
    Arguments.requireAtLeast("hidden", hidden, 1);
  }
}
