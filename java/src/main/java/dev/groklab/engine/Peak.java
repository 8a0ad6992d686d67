package dev.groklab.engine;

/**
 * What all processors of an engine together reach at most, as {@link Engine#measurePeak} found it.
 *
 * @param flops floating-point operations a second, a multiply-add being two
 * @param bytesPerSecond bytes that memory gives and takes a second
 */
public record Peak(double flops, double bytesPerSecond) {}
