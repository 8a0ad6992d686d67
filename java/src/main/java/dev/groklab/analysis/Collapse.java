package dev.groklab.analysis;

import java.util.OptionalLong;

/**
 * A fall of a curve after it had reached a level: generalization lost again ("slingshots").
 *
 * @param start step of the first evaluation below the lower level
 * @param lowest step of the lowest value
 * @param end step of the evaluation that is back at the upper level, empty if none is
 * @param depth upper level minus the lowest value
 */
public record Collapse(long start, long lowest, OptionalLong end, double depth) {}
