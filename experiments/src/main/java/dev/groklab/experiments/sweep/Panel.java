package dev.groklab.experiments.sweep;

import java.util.List;

/**
 * A panel of a figure.
 *
 * @param title its title
 * @param description more words for a reader; empty if there are none
 * @param curves what is compared in it, at least one; all labels and all configurations differ
 */
public record Panel(String title, String description, List<Curve> curves) {

  /** Copies the curves. */
  public Panel {
    curves = List.copyOf(curves);
  }
}
