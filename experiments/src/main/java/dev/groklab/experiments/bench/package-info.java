/**
 * {@code groklab bench}: how fast this machine trains, held against what it could do at most and
 * against other frameworks. {@link dev.groklab.experiments.bench.BenchCommand} is where to start;
 * {@link dev.groklab.experiments.bench.Workload} is what is timed.
 */
package dev.groklab.experiments.bench;
