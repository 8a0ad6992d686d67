package dev.groklab.experiments.report;

import dev.groklab.experiments.sweep.Grid;
import dev.groklab.experiments.sweep.Overrides;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** The grids behind the report's figures: those of this program, or others of the same names. */
public final class PaperGrids {

  /** The report's figures. */
  public static final List<Integer> NUMBERS = IntStream.rangeClosed(1, 7).boxed().toList();

  private PaperGrids() {}

  /**
   * The name of a figure's file.
   *
   * @param number the report's number
   * @return such as {@code figure-2.yaml}
   */
  public static String file(int number) {
    return "figure-" + number + ".yaml";
  }

  /**
   * A figure's grid.
   *
   * @param number the report's number
   * @param folder where to look first; a file that is not there is this program's
   * @param overrides what to change
   * @return the grid
   * @throws IllegalArgumentException if something in it is not allowed
   */
  public static Grid read(int number, Optional<Path> folder, Overrides overrides) {
    Optional<Path> own = folder.map(path -> path.resolve(file(number))).filter(Files::exists);
    return own.isPresent()
        ? Grid.read(own.get(), overrides)
        : Grid.parse(file(number), text(number), overrides);
  }

  /**
   * The text of this program's file.
   *
   * @param number the report's number
   * @return YAML
   */
  public static String text(int number) {
    try (InputStream in = PaperGrids.class.getResourceAsStream(file(number))) {
      if (in == null) {
        throw new IllegalStateException("the program has lost its file " + file(number));
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
