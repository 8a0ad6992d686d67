package dev.groklab.engine;

/** An architecture. */
public sealed interface Model permits Transformer {}
