package dev.groklab.experiments.sweep;

import dev.groklab.run.IoFailure;
import dev.groklab.run.SeedRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The runs of a figure: panels of curves, each a configuration with one run per seed. Read from a
 * YAML file:
 *
 * <pre>{@code
 * title: Transformer, p = 41
 * description: How much of the table it takes.      # optional, here and in a panel
 * base: {p: 41, steps: 20000, until: grok}           # settings of all runs, see ConfigKey
 * seeds: 0..4                                        # of every curve; without: 0..0
 * panels:                                            # without: the file is one panel itself
 *   - title: Dropout 0.1
 *     set: {dropout: 0.1}
 *     vary: {train-fraction: [0.3, 0.5]}             # a curve for each combination of values
 *     scale: {quick: {set: {steps: 2000}}}           # wins over that of the whole file
 *   - title: Optimizers
 *     curves:                                        # or curves one by one
 *       - {label: "AdamW, weight decay 1", set: {weight-decay: 1}}
 * scale:                                             # what --scale NAME changes
 *   quick: {seeds: 0..0, set: {steps: 3000}}
 * }</pre>
 *
 * <p>Later settings win: base, panel, curve, scale, command line. A grid that could be read has
 * valid runs only.
 *
 * @param title what it is about
 * @param description more words for a reader; empty if there are none
 * @param panels its panels, at least one
 * @param seeds the seeds of every curve
 */
public record Grid(String title, String description, List<Panel> panels, SeedRange seeds) {

  /** Copies the panels. */
  public Grid {
    panels = List.copyOf(panels);
  }

  /**
   * Reads a file as it is.
   *
   * @param file the file
   * @return the grid
   * @throws GridException if it cannot be read, or something in it is not allowed
   */
  public static Grid read(Path file) {
    return read(file, Overrides.NONE);
  }

  /**
   * Reads a file.
   *
   * @param file the file
   * @param overrides what to change
   * @return the grid
   * @throws GridException if it cannot be read, or something in it is not allowed
   * @throws dev.groklab.run.ConfigException if one of the overrides is not allowed
   */
  public static Grid read(Path file, Overrides overrides) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new GridException("grid", IoFailure.describe(e));
    }
    return parse(file.toString(), text, overrides);
  }

  /**
   * Reads the text of a grid file, such as a resource's.
   *
   * @param source its name, for messages
   * @param text YAML
   * @param overrides what to change
   * @return the grid
   * @throws GridException if something in it is not allowed
   * @throws dev.groklab.run.ConfigException if one of the overrides is not allowed
   */
  public static Grid parse(String source, String text, Overrides overrides) {
    return new GridParser(source, overrides).parse(text);
  }

  /**
   * All runs, each once, in the order of the panels.
   *
   * @return an unmodifiable list
   */
  public List<GridRun> runs() {
    Map<String, GridRun> runs = new LinkedHashMap<>();
    for (Panel panel : panels) {
      for (Curve curve : panel.curves()) {
        curve.runs().forEach(run -> runs.putIfAbsent(run.name(), run));
      }
    }
    return List.copyOf(runs.values());
  }
}
