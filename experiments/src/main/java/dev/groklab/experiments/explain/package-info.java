/** The page of {@code groklab explain}: the algorithm that a trained network has formed, opened. */
package dev.groklab.experiments.explain;
