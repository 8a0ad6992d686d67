package dev.groklab.experiments.report;

import java.util.List;
import java.util.stream.Stream;

/**
 * A figure's title and the runs behind it.
 *
 * @param id what stands in its file name, such as {@code figure-2}
 * @param title what it shows
 * @param panels its panels, from left to right
 */
public record FigureData(String id, String title, List<PanelData> panels) {

  /**
   * All runs, panel after panel; one that is in two panels comes twice.
   *
   * @return the runs
   */
  public Stream<RunData> runs() {
    return panels.stream()
        .flatMap(panel -> panel.curves().stream())
        .flatMap(curve -> curve.runs().stream());
  }
}
