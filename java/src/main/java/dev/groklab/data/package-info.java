/**
 * What is trained on, and in which order: tasks as tables of token rows ({@link
 * dev.groklab.data.Task}, {@link dev.groklab.data.BinaryOperation}, {@link
 * dev.groklab.data.TokenTable}; {@link dev.groklab.data.Tasks} knows them by name), splits into
 * training and validation rows ({@link dev.groklab.data.Split}), random labels ({@link
 * dev.groklab.data.LabelNoise}, {@link dev.groklab.data.NoisyTable}), and the rows of every step's
 * batch ({@link dev.groklab.data.BatchOrder}). Images are in {@link dev.groklab.data.images},
 * worlds to act in in {@link dev.groklab.data.control}. Everything random here is a pure function
 * of a seed by {@link dev.groklab.data.Philox}. Plain Java that depends on nothing; the engine
 * reads {@code TokenTable} from here.
 */
package dev.groklab.data;
