package dev.groklab.experiments.results;

import dev.groklab.experiments.sweep.Curve;
import dev.groklab.experiments.sweep.Grid;
import dev.groklab.experiments.sweep.GridRun;
import dev.groklab.experiments.sweep.Panel;
import dev.groklab.experiments.table.RunRecord;
import dev.groklab.run.ConfigKey;
import dev.groklab.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A figure's title and the runs behind it.
 *
 * @param id what stands in its file name, such as {@code figure-2}
 * @param title what it shows
 * @param panels its panels, from left to right
 */
public record FigureData(String id, String title, List<PanelData> panels) {

  /** What settings are called in legends. */
  private static final Map<String, String> NAMES =
      Map.of(
          "train-fraction", "α",
          "summands", "K",
          "weight-decay", "weight decay",
          "batch-size", "batch",
          "lr", "rate");

  /** Copies the list. */
  public FigureData {
    panels = List.copyOf(panels);
  }

  /**
   * Reads the runs of a grid that are there; curves and panels without any are left out.
   *
   * @param id what stands in its file name
   * @param grid the grid
   * @param out the folder of the runs' folders
   * @return the figure; it may have no panels
   * @throws IOException if a run cannot be read
   */
  public static FigureData read(String id, Grid grid, Path out) throws IOException {
    List<PanelData> panels = new ArrayList<>();
    for (Panel panel : grid.panels()) {
      List<CurveData> curves = new ArrayList<>();
      for (Curve curve : panel.curves()) {
        List<RunRecord> runs = new ArrayList<>();
        for (GridRun run : curve.runs()) {
          RunFolder folder = run.folder(out);
          if (Files.exists(folder.config())) {
            runs.add(RunRecord.read(folder));
          }
        }
        if (!runs.isEmpty()) {
          curves.add(new CurveData(label(panel, curve), runs));
        }
      }
      if (!curves.isEmpty()) {
        String title = panel.title().equals(grid.title()) ? "" : panel.title();
        panels.add(new PanelData(title, curves));
      }
    }
    return new FigureData(id, grid.title(), panels);
  }

  /** The legend's entry: the grid's own, or names as people write them. */
  private static String label(Panel panel, Curve curve) {
    if (curve.label().equals(panel.title())) {
      return "";
    }
    String made = words(curve.varied(), Map.of());
    return curve.label().equals(made) ? words(curve.varied(), NAMES) : curve.label();
  }

  /**
   * What a setting is called in legends.
   *
   * @param key the setting
   * @return such as {@code α}
   */
  public static String name(ConfigKey key) {
    return NAMES.getOrDefault(key.key(), key.key());
  }

  private static String words(Map<String, String> settings, Map<String, String> names) {
    return settings.entrySet().stream()
        .map(e -> names.getOrDefault(e.getKey(), e.getKey()) + " = " + e.getValue())
        .collect(Collectors.joining(", "));
  }

  /**
   * All curves, panel after panel.
   *
   * @return the curves; one that is in two panels comes twice
   */
  public Stream<CurveData> curves() {
    return panels.stream().flatMap(panel -> panel.curves().stream());
  }

  /**
   * All runs, panel after panel.
   *
   * @return the runs; one that is in two panels comes twice
   */
  public Stream<RunRecord> runs() {
    return curves().flatMap(curve -> curve.runs().stream());
  }
}
