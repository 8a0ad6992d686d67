package dev.groklab.experiments.report;

import dev.groklab.experiments.claims.Comparison;
import dev.groklab.experiments.claims.Finding;
import dev.groklab.experiments.claims.Part;
import dev.groklab.experiments.plot.InlineSvg;
import dev.groklab.experiments.plot.Picture;
import dev.groklab.experiments.results.CurveData;
import dev.groklab.experiments.results.FigureData;
import dev.groklab.experiments.results.PanelData;
import dev.groklab.experiments.table.RunRecord;
import dev.groklab.run.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A page about runs, with the files beside it: {@code index.html}, which needs none of the others,
 * {@code figures/}, {@code runs.csv}, {@code runs.parquet} and {@code metrics.parquet}.
 *
 * @param title the page's title
 * @param lead paragraphs below it
 * @param figures what is drawn, with the command that makes each
 * @param missing sentences about figures that are not there
 * @param findings statements and what came of them; may be empty
 * @param comparisons times of curves beside each other; may be empty
 * @param facts more about how the page was made
 */
public record Report(
    String title,
    List<String> lead,
    List<Made> figures,
    List<String> missing,
    List<Finding> findings,
    List<Comparison> comparisons,
    List<Part.Fact> facts) {

  /**
   * A figure and how it was made.
   *
   * @param figure the figure
   * @param command the command
   */
  public record Made(FigureData figure, String command) {}

  /**
   * Writes the page and the files beside it.
   *
   * @param folder where to; made if need be
   * @return the page
   * @throws IOException if a file cannot be written
   */
  public Path write(Path folder) throws IOException {
    boolean drawable = Picture.obstacle().isEmpty();
    List<RunRecord> runs = runs();
    List<PageView.TableView> tables = RunTables.write(runs, folder);
    List<PageView.FigureView> views = new ArrayList<>();
    for (Made made : figures) {
      views.add(draw(made.figure(), folder.resolve("figures"), drawable));
    }
    List<String> absent = new ArrayList<>(missing);
    Picture.obstacle().ifPresent(reason -> absent.add("No pictures were drawn: " + reason + "."));
    PageView view =
        new PageView(
            title,
            lead,
            FindingViews.of(findings, drawable),
            FindingViews.RULES,
            views,
            absent,
            comparisons(drawable),
            figures.stream().map(Report::command).toList(),
            runsLead(runs),
            tables,
            Words.facts(facts(runs)));
    Path page = folder.resolve("index.html");
    AtomicFile.writeText(page, Page.html(Page.class, "page.ftlh", view));
    return page;
  }

  /** Each run once, though several figures may show it. */
  private List<RunRecord> runs() {
    Map<Path, RunRecord> runs = new LinkedHashMap<>();
    for (Made made : figures) {
      made.figure().runs().forEach(run -> runs.putIfAbsent(run.folder().path(), run));
    }
    return List.copyOf(runs.values());
  }

  private static PageView.FigureView draw(FigureData figure, Path folder, boolean drawable)
      throws IOException {
    String svg = "";
    if (drawable) {
      Files.createDirectories(folder);
      Picture picture = FigurePicture.of(figure);
      picture.write(folder.resolve(figure.id() + ".svg"), folder.resolve(figure.id() + ".png"));
      svg = InlineSvg.of(picture, figure.id(), figure.title());
    }
    return new PageView.FigureView(figure.id(), svg, caption(figure));
  }

  private static String caption(FigureData figure) {
    String number = figure.id().startsWith("figure-") ? "Figure " + figure.id().substring(7) : "";
    return String.format(
        "%s%s. Accuracy and loss against the step, which is logarithmic: %s. A run that ended"
            + " before the others keeps its last value.",
        number.isEmpty() ? "" : number + ": ", figure.title(), FigurePicture.seeds(figure));
  }

  private List<PageView.ComparisonView> comparisons(boolean drawable) {
    List<PageView.ComparisonView> views = new ArrayList<>();
    for (Comparison one : comparisons) {
      if (!one.samples().isEmpty()) {
        String title = "Kaplan–Meier curves of the " + one.time();
        Picture picture = SurvivalPicture.of(one.samples(), one.time());
        views.add(
            new PageView.ComparisonView(
                title,
                one.samples().stream().map(Words::sample).toList(),
                Words.facts(one.facts()),
                drawable ? InlineSvg.of(picture, "comparison-" + views.size(), title) : ""));
      }
    }
    return views;
  }

  private static PageView.CommandView command(Made made) {
    List<PageView.CurveView> curves = new ArrayList<>();
    for (PanelData panel : made.figure().panels()) {
      for (CurveData curve : panel.curves()) {
        String label =
            List.of(panel.title(), curve.label()).stream()
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining(", "));
        curves.add(
            new PageView.CurveView(
                label.isEmpty() ? made.figure().title() : label,
                TrainCommands.of(curve),
                Integer.toString(curve.runs().size()),
                Words.time(seconds(curve.runs()))));
      }
    }
    return new PageView.CommandView(made.figure().title(), made.command(), curves);
  }

  private static double seconds(List<RunRecord> runs) {
    return runs.stream()
        .mapToDouble(run -> run.summary().wallSeconds())
        .filter(Double::isFinite)
        .sum();
  }

  private static List<String> runsLead(List<RunRecord> runs) {
    return List.of(
        String.format(
            "%d runs, beside this page as runs.csv and runs.parquet (a row each, with every"
                + " setting) and metrics.parquet (a row per evaluation). The tables below are"
                + " answers of DuckDB to the questions above them; steps there are those from which"
                + " on 99 %% held to the end of the run.",
            runs.size()));
  }

  private List<Part.Fact> facts(List<RunRecord> runs) {
    List<Part.Fact> all = new ArrayList<>(facts);
    all.add(new Part.Fact("runs", Integer.toString(runs.size())));
    all.add(new Part.Fact("time of all runs together", Words.time(seconds(runs))));
    Map<Map<String, String>, Long> environments =
        runs.stream()
            .collect(
                Collectors.groupingBy(
                    RunRecord::environment, LinkedHashMap::new, Collectors.counting()));
    environments.forEach(
        (environment, count) -> {
          String of = environments.size() == 1 ? "" : " (of " + count + " runs)";
          new TreeMap<>(environment)
              .forEach((name, value) -> all.add(new Part.Fact(name + of, value)));
        });
    return all;
  }
}
