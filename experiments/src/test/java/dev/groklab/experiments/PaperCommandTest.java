package dev.groklab.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import dev.groklab.experiments.claims.Statements;
import dev.groklab.experiments.report.PaperGrids;
import dev.groklab.experiments.sweep.Grid;
import dev.groklab.experiments.sweep.Overrides;
import dev.groklab.run.RunConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

class PaperCommandTest {

  @TempDir Path folder;

  private Groklab paper(String... options) {
    return Groklab.run(
        Stream.concat(
                Stream.of(
                    "paper",
                    "--grids",
                    folder.resolve("grids").toString(),
                    "--out",
                    folder.resolve("out").toString()),
                Stream.of(options))
            .toArray(String[]::new));
  }

  /** This program's grids, so small that each run takes milliseconds. */
  private void writeTinyGrids() throws IOException {
    Path grids = folder.resolve("grids");
    Files.createDirectories(grids);
    for (int number : PaperGrids.NUMBERS) {
      String text =
          PaperGrids.text(number)
              .replaceAll("p: \\d+", "p: 7")
              .replace(
                  "steps: 20000",
                  "steps: 12, layers: 1, dim: 8, heads: 2, batch-size: 8, eval-every: 2")
              .replace("[0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]", "[0.3, 0.5, 0.9]")
              .replace("[64, 128, 256, 512]", "[4, 8, 16]")
              .replaceAll("seeds: 0\\.\\.\\d", "seeds: 0..0");
      Files.writeString(grids.resolve(PaperGrids.file(number)), text + "  tiny: {}\n");
    }
  }

  @Test
  void thePageHasAllFiguresAndClaims() throws IOException {
    writeTinyGrids();
    Groklab paper = paper("--scale", "tiny");
    assertThat(paper.err()).isEmpty();
    assertThat(paper.status()).isZero();
    assertThat(paper.out()).contains("at most about", "page: ");
    Path out = folder.resolve("out");
    Document page = WebPage.parse(out.resolve("index.html"));
    assertThat(WebPage.count(page, "figure")).isEqualTo(7);
    assertThat(WebPage.count(page, "article")).isEqualTo(Statements.all().size());
    assertThat(WebPage.count(page, "svg")).isGreaterThan(7 + Statements.all().size());
    String text = page.getDocumentElement().getTextContent();
    assertThat(text)
        .contains("α = 0.3", "α = 0.9", "weight decay = 0.1", "dropout = 0.3", "K = 4")
        .contains("./groklab paper --figure 5 --scale tiny")
        .contains("./groklab train --p 7 --train-fraction 0.3")
        .contains("undecided", "the rule asks for 5 seeds, and there are 1");
    // No run generalizes: none can tell whether it had fitted before, or been through stages, or
    // whether the rate decides.
    assertThat(text.split("not measured", -1)).hasSize(2 * 3 + 1);
    for (int number : PaperGrids.NUMBERS) {
      assertThat(out.resolve("figures/figure-" + number + ".svg")).isNotEmptyFile();
      assertThat(out.resolve("figures/figure-" + number + ".png")).isNotEmptyFile();
    }
    long runs = TinyGrid.folders(out.resolve("runs")).size();
    assertThat(out.resolve("runs.csv")).content().hasLineCount((int) runs + 1);
    assertThat(out.resolve("runs.parquet")).isNotEmptyFile();

    Groklab again = paper("--scale", "tiny");
    assertThat(again.out()).contains("training 0 of " + runs + " runs");
    assertThat(again.status()).isZero();

    Groklab one = paper("--scale", "tiny", "--figure", "2", "--quiet");
    assertThat(one).isEqualTo(new Groklab(0, "", ""));
    Document part = WebPage.parse(out.resolve("index.html"));
    assertThat(WebPage.count(part, "figure")).isEqualTo(1);
    assertThat(part.getDocumentElement().getTextContent())
        .contains("not measured", "among the complete runs of figures 5");
  }

  @Test
  void aDryRunWritesNothing() throws IOException {
    writeTinyGrids();
    Groklab paper = paper("--scale", "tiny", "--figure", "1", "--dry-run");
    assertThat(paper.status()).isZero();
    assertThat(paper.out()).contains("1 of 1 runs to train on");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void gridsCanBeTakenAndEdited() throws IOException {
    Path grids = folder.resolve("own");
    Groklab written = Groklab.run("paper", "--write-grids", grids.toString());
    assertThat(written.out()).isEqualTo("7 grids in " + grids + System.lineSeparator());
    for (int number : PaperGrids.NUMBERS) {
      assertThat(grids.resolve(PaperGrids.file(number))).hasContent(PaperGrids.text(number));
    }
    Groklab again = Groklab.run("paper", "--write-grids", grids.toString());
    assertThat(again.status()).isEqualTo(2);
    assertThat(again.err()).contains("is there already");
    Files.writeString(grids.resolve("figure-3.yaml"), "title: [");
    Groklab broken = Groklab.run("paper", "--grids", grids.toString(), "--figure", "3");
    assertThat(broken.status()).isEqualTo(2);
    assertThat(broken.err()).contains("figure-3.yaml");
  }

  @Test
  void everyScaleOfTheReportIsWhatItSays() {
    for (int number : PaperGrids.NUMBERS) {
      Grid quick = grid(number, "quick");
      Grid full = grid(number, "full");
      assertThat(quick.seeds().seeds().count()).isEqualTo(1);
      assertThat(full.seeds().seeds().count()).isGreaterThanOrEqualTo(5);
      assertThat(full.runs()).allMatch(run -> run.config().steps() == 20_000);
      assertThat(quick.runs()).allMatch(run -> run.config().steps() <= 3_500);
    }
  }

  /** Runs that figures have in common are trained once. */
  @Test
  void figuresShareRuns() {
    List<String> two = grid(2, "quick").runs().stream().map(run -> run.name()).toList();
    for (int number : List.of(5, 6, 7)) {
      assertThat(grid(number, "quick").runs()).anyMatch(run -> two.contains(run.name()));
    }
  }

  /** By the speed of two cores of 2024; without runs that end early. */
  @Test
  void theQuickScaleTakesLessThanHalfAnHour() {
    double seconds =
        PaperGrids.NUMBERS.stream()
            .flatMap(number -> grid(number, "quick").runs().stream())
            .distinct()
            .mapToDouble(run -> run.config().steps() * stepSeconds(run.config()))
            .sum();
    assertThat(seconds).isBetween(600.0, 1600.0);
  }

  private static double stepSeconds(RunConfig config) {
    double seconds = config.model().equals("lstm") ? 0.050 : 0.008;
    double rows = config.batchSize().orElse(0) / 256.0;
    double longer = config.summands() / 2.0;
    return seconds * rows * longer * (config.dropout() > 0 ? 2.2 : 1);
  }

  private static Grid grid(int number, String scale) {
    return PaperGrids.read(
        number, Optional.empty(), new Overrides(Optional.of(scale), Optional.empty(), Map.of()));
  }
}
