/**
 * Worlds to act in, for reinforcement learning: {@link dev.groklab.data.control.CartPole}. Like all
 * of {@link dev.groklab.data}, plain Java that depends on nothing else, random only by Philox.
 */
package dev.groklab.data.control;
