package dev.groklab.experiments.report;

import java.util.List;

/**
 * Runs that differ in their seeds alone: one curve of a figure.
 *
 * @param label what tells it from its neighbours, such as {@code α = 0.3}
 * @param runs the runs, by seed
 */
public record CurveData(String label, List<RunData> runs) {}
