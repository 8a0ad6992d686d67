/** Grids of runs: {@link dev.groklab.experiments.sweep.Grid} says which runs a file means. */
package dev.groklab.experiments.sweep;
