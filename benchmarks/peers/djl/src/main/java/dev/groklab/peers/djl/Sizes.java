package dev.groklab.peers.djl;

/**
 * Sizes of a model over addition modulo p.
 *
 * @param p modulus
 * @param layers blocks, or LSTM layers
 * @param dim width of the embeddings
 * @param heads attention heads
 * @param hidden width of the feed-forward layers, or of an LSTM's state
 */
record Sizes(int p, int layers, int dim, int heads, int hidden) {

  /** Tokens of a row: two numbers, the operator and the equals sign. */
  static final int LENGTH = 4;

  int vocabulary() {
    return p + 2;
  }

  /** Rows of the position table: the tokens', and the answer's, which none reads. */
  int positions() {
    return LENGTH + 1;
  }
}
