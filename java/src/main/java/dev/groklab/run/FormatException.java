package dev.groklab.run;

import java.io.IOException;
import java.nio.file.Path;

/** A file that is not what it should be: foreign, damaged, cut short, or of the wrong shape. */
public final class FormatException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * A file that is not what it should be.
   *
   * @param file the file
   * @param problem what is wrong with it
   */
  public FormatException(Path file, String problem) {
    super(file + ": " + problem);
  }
}
