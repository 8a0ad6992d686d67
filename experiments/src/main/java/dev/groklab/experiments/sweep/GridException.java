package dev.groklab.experiments.sweep;

/** A grid file that cannot be used: names the file, the place, the value and what is allowed. */
public final class GridException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /**
   * A fault in a grid file.
   *
   * @param place the file, and where in it
   * @param problem what is wrong, with the value, and what would be right
   */
  public GridException(String place, String problem) {
    super(place + ": " + problem);
  }
}
