package dev.groklab.experiments.report;

import java.util.List;

/**
 * A panel of a figure.
 *
 * @param title what is common to its curves; may be empty where there is one panel
 * @param curves its curves
 */
public record PanelData(String title, List<CurveData> curves) {}
