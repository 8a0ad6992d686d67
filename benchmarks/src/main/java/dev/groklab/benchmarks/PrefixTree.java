package dev.groklab.benchmarks;

import java.util.Arrays;

/**
 * A tree like that of 256 rows {@code x + y =} modulo 97: 97 numbers, an operator after each, 256
 * pairs of numbers, an equals sign after each. Nodes are in the order of their depth.
 */
final class PrefixTree {
  /** Nodes of a path from root to leaf. */
  static final int DEPTH = 4;

  private static final int[] NODES = ReportModel.nodes();

  private final int[] begins = new int[DEPTH + 1];

  /**
   * Makes a tree of about these proportions.
   *
   * @param nodes how many; 706 gives exactly these
   */
  PrefixTree(int nodes) {
    long all = Arrays.stream(NODES).sum();
    long sum = 0;
    for (int depth = 0; depth < DEPTH; depth++) {
      sum += NODES[depth];
      begins[depth + 1] = (int) (nodes * sum / all);
      if (begins[depth + 1] == begins[depth]) {
        throw new IllegalArgumentException(
            "a prefix tree of " + nodes + " nodes; at least " + minimum() + " are allowed");
      }
    }
  }

  /** So many that every depth has one. */
  private static int minimum() {
    int all = Arrays.stream(NODES).sum();
    return Math.ceilDiv(all, Arrays.stream(NODES).min().getAsInt());
  }

  /** Position of a node in its row, 0 … 3. */
  int depth(int node) {
    int depth = 0;
    while (node >= begins[depth + 1]) {
      depth++;
    }
    return depth;
  }

  /** The nodes from the root to a node, then −1. */
  int[] path(int node) {
    int[] path = new int[DEPTH];
    Arrays.fill(path, -1);
    int on = node;
    for (int depth = depth(node); depth >= 0; depth--) {
      path[depth] = on;
      if (depth > 0) {
        int above = begins[depth] - begins[depth - 1];
        on = begins[depth - 1] + (on - begins[depth]) % above;
      }
    }
    return path;
  }
}
