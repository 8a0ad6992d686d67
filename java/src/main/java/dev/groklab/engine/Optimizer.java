package dev.groklab.engine;

/** How parameters follow gradients. */
public sealed interface Optimizer permits AdamW {}
