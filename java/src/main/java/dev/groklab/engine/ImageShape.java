package dev.groklab.engine;

/**
 * Extents of an image: channels, each of rows of pixels.
 *
 * @param channels C
 * @param height H
 * @param width W
 */
public record ImageShape(long channels, long height, long width) {}
