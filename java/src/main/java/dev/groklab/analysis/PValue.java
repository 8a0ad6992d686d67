package dev.groklab.analysis;

/**
 * The p-value of a permutation test.
 *
 * @param value the p-value; 1 at most
 * @param exact whether all arrangements were counted, else a random sample of them
 * @param arrangements how many were counted
 */
public record PValue(double value, boolean exact, long arrangements) {}
