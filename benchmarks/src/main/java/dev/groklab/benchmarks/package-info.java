/**
 * JMH benchmarks of what a run consists of: downcalls, single ops, chunks, training steps. {@link
 * dev.groklab.benchmarks.Main} runs them.
 */
package dev.groklab.benchmarks;
