package dev.groklab.experiments.sweep;

/**
 * Where a sweep stands.
 *
 * @param done runs that have ended, those that had ended before included
 * @param runs all runs
 * @param share of the work of this session, 0 to 1
 * @param stepsPerSecond steps of all runs together per second, in this session
 * @param secondsLeft time left if no run ends before its last step
 */
public record SweepProgress(
    int done, int runs, double share, double stepsPerSecond, double secondsLeft) {}
