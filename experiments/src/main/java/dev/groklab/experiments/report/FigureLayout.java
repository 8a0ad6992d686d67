package dev.groklab.experiments.report;

import dev.groklab.experiments.plot.Palette;
import dev.groklab.experiments.plot.Style;
import dev.groklab.experiments.results.CurveData;
import dev.groklab.experiments.results.FigureData;
import dev.groklab.experiments.results.PanelData;
import java.awt.Color;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which lines stand where. Panels of one curve each show training beside validation in two colours;
 * one panel of many curves is drawn twice, training left and validation right; several panels of
 * several curves have dashed lines for training.
 *
 * @param keys what lines mean, for the whole figure
 * @param cells the parts of the figure
 */
record FigureLayout(List<Key> keys, List<Cell> cells) {

  private static final String BETWEEN = " = "; // a setting's name and value

  /**
   * A line's meaning.
   *
   * @param label in words
   * @param color its colour
   * @param dashed whether it is dashed
   */
  record Key(String label, Color color, boolean dashed) {}

  /** Accuracy above loss, with keys of its own if the figure's do not suffice. */
  record Cell(String title, List<Key> keys, List<Line> lines) {}

  /** A curve's median and range, of one split. */
  record Line(Band accuracy, Band loss, Color color, boolean dashed) {

    static Line training(CurveData curve, Color color) {
      return new Line(
          Band.of(curve.runs(), Metric.TRAIN_ACCURACY),
          Band.of(curve.runs(), Metric.TRAIN_LOSS),
          color,
          true);
    }

    static Line validation(CurveData curve, Color color) {
      return new Line(
          Band.of(curve.runs(), Metric.VALIDATION_ACCURACY),
          Band.of(curve.runs(), Metric.VALIDATION_LOSS),
          color,
          false);
    }

    /** The same in a cell of its own, where nothing needs dashes. */
    Line solid() {
      return new Line(accuracy, loss, color, false);
    }
  }

  static FigureLayout of(FigureData figure) {
    if (figure.panels().stream().allMatch(panel -> panel.curves().size() == 1)) {
      return ofSingleCurves(figure);
    }
    return figure.panels().size() == 1
        ? ofOnePanel(figure.panels().getFirst())
        : ofManyPanels(figure);
  }

  private static FigureLayout ofSingleCurves(FigureData figure) {
    List<Cell> cells = new ArrayList<>();
    for (PanelData panel : figure.panels()) {
      CurveData curve = panel.curves().getFirst();
      List<Line> lines =
          List.of(Line.training(curve, Style.TRAIN), Line.validation(curve, Style.VALIDATION));
      cells.add(new Cell(title(panel, curve), List.of(), lines));
    }
    return new FigureLayout(
        List.of(
            new Key("training", Style.TRAIN, true), new Key("validation", Style.VALIDATION, false)),
        cells);
  }

  /** A panel's curve says what its title does not. */
  private static String title(PanelData panel, CurveData curve) {
    if (panel.title().isEmpty() || curve.label().isEmpty()) {
      return panel.title() + curve.label();
    }
    return panel.title().contains(curve.label())
        ? panel.title()
        : panel.title() + ", " + curve.label();
  }

  private static FigureLayout ofOnePanel(PanelData panel) {
    List<Key> keys = keys(panel.curves());
    List<Line> training = new ArrayList<>();
    List<Line> validation = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      CurveData curve = panel.curves().get(i);
      training.add(Line.training(curve, keys.get(i).color()).solid());
      validation.add(Line.validation(curve, keys.get(i).color()));
    }
    return new FigureLayout(
        keys,
        List.of(
            new Cell("training", List.of(), training),
            new Cell("validation", List.of(), validation)));
  }

  private static FigureLayout ofManyPanels(FigureData figure) {
    List<Cell> cells = new ArrayList<>();
    for (PanelData panel : figure.panels()) {
      List<Key> keys = withoutName(keys(panel.curves()), panel.title());
      List<Line> lines = new ArrayList<>();
      for (int i = 0; i < keys.size(); i++) {
        CurveData curve = panel.curves().get(i);
        lines.add(Line.training(curve, keys.get(i).color()));
        lines.add(Line.validation(curve, keys.get(i).color()));
      }
      cells.add(new Cell(panel.title(), keys, lines));
    }
    List<Key> splits =
        List.of(new Key("training", Style.TEXT, true), new Key("validation", Style.TEXT, false));
    List<Key> shared = cells.getFirst().keys();
    if (cells.stream().anyMatch(cell -> !cell.keys().equals(shared))) {
      return new FigureLayout(splits, cells);
    }
    return new FigureLayout(
        Stream.concat(shared.stream(), splits.stream()).toList(),
        cells.stream().map(cell -> new Cell(cell.title(), List.of(), cell.lines())).toList());
  }

  /** Below the title "AdamW: weight decay", the key "weight decay = 0.1" is "0.1". */
  private static List<Key> withoutName(List<Key> keys, String title) {
    String first = keys.getFirst().label();
    int end = first.indexOf(BETWEEN);
    if (end < 0 || !title.contains(first.substring(0, end))) {
      return keys;
    }
    String prefix = first.substring(0, end + BETWEEN.length());
    if (!keys.stream().allMatch(key -> key.label().startsWith(prefix))) {
      return keys;
    }
    return keys.stream()
        .map(key -> new Key(key.label().substring(prefix.length()), key.color(), key.dashed()))
        .toList();
  }

  private static List<Key> keys(List<CurveData> curves) {
    Color[] colors = Palette.of(curves.size());
    List<Key> keys = new ArrayList<>();
    for (int i = 0; i < colors.length; i++) {
      keys.add(new Key(curves.get(i).label(), colors[i], false));
    }
    return keys;
  }
}
