package dev.groklab.engine;

/**
 * Extents of an op that works on each row by itself.
 *
 * @param replicas R
 * @param rows N
 * @param width D
 */
public record RowShape(long replicas, long rows, long width) {}
