package dev.groklab.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import dev.groklab.experiments.results.MadeRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;

class ExplainCommandTest {

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"transformer", "mlp", "lstm"})
  void aRunOfEachModelHasAPage(String model) throws IOException {
    Path run = folder.resolve("run");
    Groklab.tiny(run, "--steps", "40", "--model", model, "--snapshot-every", "log", "--quiet");
    Groklab explain = Groklab.run("explain", run.toString());
    assertThat(explain.err()).isEmpty();
    assertThat(explain.out()).isEqualTo("page: " + run.resolve("explain/index.html") + "\n");
    Document page = WebPage.parse(run.resolve("explain/index.html"));
    assertThat(page.getDocumentElement().getTextContent())
        .contains("x + y mod 11", "Three stages", "step 40", "logits: the circuit alone");
    boolean inside = model.equals("transformer");
    assertThat(WebPage.count(page, "figure")).isGreaterThanOrEqualTo(inside ? 5 : 3);
    assertThat(Files.exists(run.resolve("explain/figures/attention.png"))).isEqualTo(inside);
  }

  @Test
  void runsWithoutMeasuresAndSnapshotsAreExplainedToo() throws IOException {
    Path run = folder.resolve("run");
    Groklab.tiny(run, "--steps", "14", "--progress-measures", "false", "--quiet");
    assertThat(Groklab.run("explain", run.toString()).status()).isZero();
    Document page = WebPage.parse(run.resolve("explain/index.html"));
    assertThat(page.getDocumentElement().getTextContent())
        .contains("has no progress measures", "train with --snapshot-every log");
  }

  @Test
  void whatCannotBeExplainedIsNamed() throws IOException {
    assertThat(Groklab.run("explain", folder.toString()).err()).contains("no run is in it");
    Path three = folder.resolve("three");
    Groklab.tiny(three, "--summands", "3", "--p", "5", "--steps", "7", "--quiet");
    Groklab explain = Groklab.run("explain", three.toString());
    assertThat(explain.status()).isEqualTo(2);
    assertThat(explain.err()).contains("only additions of two numbers are explained");
    MadeRun.never(Map.of(), 300).write(folder.resolve("made"));
    assertThat(Groklab.run("explain", folder.resolve("made").toString()).err())
        .contains("has not ended");
    assertThat(folder.resolve("made/explain")).doesNotExist();
  }
}
