/**
 * Grids of runs: {@link dev.groklab.experiments.sweep.Grid} says which runs a file means, {@link
 * dev.groklab.experiments.sweep.SweepPlan} which of them are there already, and {@link
 * dev.groklab.experiments.sweep.Sweep} trains the others.
 */
package dev.groklab.experiments.sweep;
