/** JMH benchmarks of what a run consists of: downcalls, single ops, training steps. */
package dev.groklab.benchmarks;
