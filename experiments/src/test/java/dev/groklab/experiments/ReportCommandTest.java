package dev.groklab.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import dev.groklab.experiments.results.MadeRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

class ReportCommandTest {

  @TempDir Path folder;

  private Groklab report(Path... runs) {
    String[] arguments = new String[runs.length + 3];
    arguments[0] = "report";
    arguments[1] = "--out";
    arguments[2] = folder.resolve("page").toString();
    for (int i = 0; i < runs.length; i++) {
      arguments[i + 3] = runs[i].toString();
    }
    return Groklab.run(arguments);
  }

  private Path run(String name, Object dropout, int seed, long step) throws IOException {
    Path path = folder.resolve("runs").resolve(name);
    MadeRun.generalizing(Map.of("dropout", dropout, "seed", seed), 300, step).write(path);
    return path;
  }

  @Test
  void seedsBecomeACurveAndSettingsSeveral() throws IOException {
    run("a", 0, 0, 3000);
    run("b", 0, 1, 4000);
    run("c <&> d", 0.1, 0, 2000);
    MadeRun.never(Map.of("dropout", 0.1, "seed", 1), 300).write(folder.resolve("runs/e"));
    Groklab report = report(folder.resolve("runs"));
    assertThat(report.err()).isEmpty();
    assertThat(report.status()).isZero();
    Path out = folder.resolve("page");
    assertThat(report.out()).isEqualTo("page: " + out.resolve("index.html") + "\n");
    Document page = WebPage.parse(out.resolve("index.html"));
    assertThat(WebPage.count(page, "figure")).isEqualTo(1);
    assertThat(WebPage.count(page, "svg")).isEqualTo(2);
    assertThat(page.getDocumentElement().getTextContent())
        .contains("x + y mod 41", "dropout = 0", "dropout = 0.1", "log-rank test", "c <&> d")
        .contains("3,000 · 4,000", "2,000 · 20,000+", "1 of 2")
        .doesNotContain("Evidence");
    assertThat(out.resolve("runs.csv")).content().hasLineCount(5);
    assertThat(out.resolve("figures/runs-1.png")).isNotEmptyFile();
  }

  @Test
  void aRealRunHasAPage() throws IOException {
    Path run = folder.resolve("real");
    assertThat(Groklab.tiny(run, "--steps", "20", "--quiet").status()).isZero();
    assertThat(report(run).status()).isZero();
    WebPage.parse(folder.resolve("page/index.html"));
  }

  @Test
  void manyCurvesBecomeSeveralFigures() throws IOException {
    for (int i = 0; i < 9; i++) {
      run("run-" + i, "0." + i, 0, 3000);
    }
    assertThat(report(folder.resolve("runs")).status()).isZero();
    Document page = WebPage.parse(folder.resolve("page/index.html"));
    assertThat(WebPage.count(page, "figure")).isEqualTo(2);
  }

  @Test
  void foldersWithoutRunsAreRefused() throws IOException {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThat(report(empty).status()).isEqualTo(2);
    assertThat(report(empty).err()).contains(empty + ": no run is in it");
    assertThat(folder.resolve("page")).doesNotExist();
  }

  @Test
  void damagedRunsAreNamed() throws IOException {
    Path run = run("a", 0, 0, 3000);
    Files.writeString(run.resolve("metrics.csv"), "nonsense\n");
    Groklab report = report(run);
    assertThat(report.status()).isEqualTo(1);
    assertThat(report.err()).contains("metrics.csv: its first line is not");
  }
}
