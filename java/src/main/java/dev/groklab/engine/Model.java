package dev.groklab.engine;

/**
 * An architecture. {@link Dense} is over rows of real numbers, {@link Cnn} over images, {@link
 * Seq2Seq} over pairs of sequences; the others are over rows of T tokens, and begin with {@code e =
 * token_embedding[token] + position_embedding[position]} at each position, [T, d], and end with
 * logits of the V tokens.
 */
public sealed interface Model permits Transformer, Mlp, Lstm, Dense, Cnn, Seq2Seq {}
