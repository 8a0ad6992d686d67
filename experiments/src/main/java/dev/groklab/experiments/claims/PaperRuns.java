package dev.groklab.experiments.claims;

import dev.groklab.experiments.results.FigureData;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The report's figures and the runs behind them.
 *
 * @param figures by the report's numbers, those that there are
 */
public record PaperRuns(Map<Integer, FigureData> figures) {

  /** Copies the map. */
  public PaperRuns {
    figures = new TreeMap<>(figures);
  }

  /**
   * A figure.
   *
   * @param number the report's number
   * @return the figure, empty if it was not made or has no runs
   */
  public Optional<FigureData> figure(int number) {
    return Optional.ofNullable(figures.get(number)).filter(figure -> !figure.panels().isEmpty());
  }
}
