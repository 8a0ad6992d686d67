package dev.groklab.engine;

/**
 * An architecture over rows of T tokens. All begin with {@code e = token_embedding[token] +
 * position_embedding[position]} at each position, [T, d], and end with logits of the V tokens.
 */
public sealed interface Model permits Transformer, Mlp, Lstm {}
