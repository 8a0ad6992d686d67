package dev.groklab.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A table for replicas that train on random labels, each on its own. All of them share one table,
 * so a row with another label is another row: the canonical rows keep their numbers, and after them
 * come, replica by replica, copies of those whose label has changed. Which rows a replica trains on
 * is then told by {@link #rows} or {@link #batches}; what is validated stays canonical.
 */
public final class NoisyTable {

  /** The copies of one replica: the first one's row, and which rows they are copies of. */
  private record Copies(int first, LabelNoise changed) {}

  private final TokenTable table;
  private final int canonicalRows;
  private final List<Copies> replicas;

  private NoisyTable(TokenTable table, int canonicalRows, List<Copies> replicas) {
    this.table = table;
    this.canonicalRows = canonicalRows;
    this.replicas = replicas;
  }

  /**
   * Appends the rows whose labels differ from the true ones.
   *
   * @param canonical the task's table
   * @param noise the random labels of each replica
   * @return the extended table; without any such row, it holds the canonical one itself
   * @throws IllegalArgumentException if a noisy row is not in the table, or there would be more
   *     rows than a Java array can hold
   */
  public static NoisyTable of(TokenTable canonical, List<LabelNoise> noise) {
    List<Copies> replicas = new ArrayList<>();
    long rows = canonical.rows();
    for (LabelNoise labels : noise) {
      LabelNoise changed = changed(canonical, labels);
      replicas.add(new Copies((int) rows, changed));
      rows += changed.rows().length;
      requireRows(canonical, rows);
    }
    TokenTable table =
        rows == canonical.rows() ? canonical : extended(canonical, (int) rows, replicas);
    return new NoisyTable(table, canonical.rows(), List.copyOf(replicas));
  }

  /** The noisy rows whose label is not the true one. */
  private static LabelNoise changed(TokenTable canonical, LabelNoise noise) {
    int[] rows = new int[noise.rows().length];
    int[] labels = new int[rows.length];
    int count = 0;
    for (int i = 0; i < rows.length; i++) {
      int row = noise.rows()[i];
      requireCanonical(row, canonical.rows());
      if (noise.labels()[i] != canonical.targets()[row]) {
        rows[count] = row;
        labels[count++] = noise.labels()[i];
      }
    }
    return new LabelNoise(Arrays.copyOf(rows, count), Arrays.copyOf(labels, count));
  }

  private static TokenTable extended(TokenTable canonical, int rows, List<Copies> replicas) {
    int length = canonical.sequenceLength();
    int[] tokens = Arrays.copyOf(canonical.tokens(), rows * length);
    int[] targets = Arrays.copyOf(canonical.targets(), rows);
    int copy = canonical.rows();
    for (Copies copies : replicas) {
      int[] labels = copies.changed().labels();
      System.arraycopy(labels, 0, targets, copies.first(), labels.length);
      for (int row : copies.changed().rows()) {
        System.arraycopy(tokens, row * length, tokens, copy++ * length, length);
      }
    }
    return new TokenTable(canonical.vocabulary(), length, tokens, targets);
  }

  /**
   * The canonical rows and the copies after them.
   *
   * @return the table that all replicas share
   */
  public TokenTable table() {
    return table;
  }

  /**
   * The rows that a replica trains on, such as its training split.
   *
   * @param replica number of the replica, as in the list that {@link #of} was given
   * @param rows canonical row numbers
   * @return row numbers in {@link #table()}, in the same order; the same array if the replica has
   *     no copies
   * @throws IllegalArgumentException if there is no such replica or row
   */
  public int[] rows(int replica, int[] rows) {
    if (replica < 0 || replica >= replicas.size()) {
      throw new IllegalArgumentException(
          "there is no replica " + replica + "; replicas are 0 to " + (replicas.size() - 1));
    }
    Copies copies = replicas.get(replica);
    int[] originals = copies.changed().rows();
    if (originals.length == 0) {
      return rows;
    }
    int[] mapped = new int[rows.length];
    for (int i = 0; i < rows.length; i++) {
      requireCanonical(rows[i], canonicalRows);
      int copy = Arrays.binarySearch(originals, rows[i]);
      mapped[i] = copy < 0 ? rows[i] : copies.first() + copy;
    }
    return mapped;
  }

  /**
   * The batches that a replica trains on, where they were recorded as canonical rows.
   *
   * @param replica number of the replica
   * @param batches canonical row numbers of each step
   * @return row numbers in {@link #table()}, in the same order
   * @throws IllegalArgumentException if there is no such replica or row
   */
  public int[][] batches(int replica, int[][] batches) {
    int[][] mapped = new int[batches.length][];
    for (int step = 0; step < batches.length; step++) {
      mapped[step] = rows(replica, batches[step]);
    }
    return mapped;
  }

  private static void requireCanonical(int row, int rows) {
    if (row < 0 || row >= rows) {
      throw new IllegalArgumentException(
          "row " + row + " is not in the table; its rows are 0 to " + (rows - 1));
    }
  }

  private static void requireRows(TokenTable canonical, long rows) {
    int most = TokenTable.mostRows(canonical.sequenceLength());
    if (rows > most) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "random labels make a table of more than %,d rows, which is the most allowed;"
                  + " train fewer replicas together",
              most));
    }
  }
}
