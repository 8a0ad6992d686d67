/**
 * The report's models and their training step in DJL, on its PyTorch engine: a peer of {@code
 * groklab bench --peers}, in a process of its own.
 */
package dev.groklab.peers.djl;
