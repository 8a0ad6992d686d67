package dev.groklab.experiments.results;

import java.util.List;

/**
 * A panel of a figure.
 *
 * @param title what is common to its curves; may be empty where there is one panel
 * @param curves its curves
 */
public record PanelData(String title, List<CurveData> curves) {

  /** Copies the list. */
  public PanelData {
    curves = List.copyOf(curves);
  }
}
