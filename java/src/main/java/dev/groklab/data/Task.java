package dev.groklab.data;

/**
 * Something to learn that is given by a finite table. For an operation on two numbers, {@link
 * BinaryOperation} is one already; an entry in {@link Tasks} brings a task to the command line.
 */
public interface Task {

  /**
   * Name on the command line and in run folders.
   *
   * @return a short lower-case word
   */
  String name();

  /**
   * What is learnt, as a person writes it, for titles.
   *
   * @return such as {@code x / y mod 97}; the name where nobody says otherwise
   */
  default String formula() {
    return name();
  }

  /**
   * Rows of the position table of a model for this task; at least the table's sequence length.
   *
   * @return number of positions
   */
  int positions();

  /**
   * Rows of the table, without making it.
   *
   * @return number of rows, at least 1
   */
  int rows();

  /**
   * How many different answers a row may have: targets are 0 … classes−1, so the vocabulary is at
   * least as large.
   *
   * @return number of classes
   */
  int classes();

  /**
   * All rows in the task's canonical order, which row numbers refer to.
   *
   * @return the table; the same contents at every call
   */
  TokenTable table();
}
