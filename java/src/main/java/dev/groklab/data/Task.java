package dev.groklab.data;

/**
 * Something to learn that is given by a finite table. A new task is a class that implements this
 * and an entry in {@link Tasks}.
 */
public interface Task {

  /**
   * Name on the command line and in run folders.
   *
   * @return a short lower-case word
   */
  String name();

  /**
   * Rows of the position table of a model for this task; at least the table's sequence length.
   *
   * @return number of positions
   */
  int positions();

  /**
   * All rows in the task's canonical order, which row numbers refer to.
   *
   * @return the table; the same contents at every call
   */
  TokenTable table();
}
