package dev.groklab.experiments.claims;

import static org.assertj.core.api.Assertions.assertThat;

import dev.groklab.analysis.Observation;
import dev.groklab.analysis.Verdict.Outcome;
import dev.groklab.experiments.results.CurveData;
import dev.groklab.experiments.results.FigureData;
import dev.groklab.experiments.results.MadeRun;
import dev.groklab.experiments.results.PanelData;
import dev.groklab.experiments.table.RunRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs with known courses give the verdicts that they must. */
class StatementsTest {

  private static final int SEEDS = 6;
  private static final long NEVER = 0;

  @TempDir Path folder;

  private CurveData curve(Map<String, Object> settings, int seeds, long fits, long step)
      throws IOException {
    List<RunRecord> runs = new ArrayList<>();
    for (int seed = 0; seed < seeds; seed++) {
      MadeRun run =
          step == NEVER
              ? MadeRun.never(settings, fits)
              : MadeRun.generalizing(settings, fits, step + 100L * seed);
      runs.add(run.with("seed", seed).read(Files.createTempDirectory(folder, "run")));
    }
    return new CurveData(settings.toString(), runs);
  }

  private CurveData curve(Map<String, Object> settings, long step) throws IOException {
    return curve(settings, SEEDS, 300, step);
  }

  private static FigureData figure(CurveData... curves) {
    return new FigureData("figure", "A figure", List.of(new PanelData("", Arrays.asList(curves))));
  }

  private static Finding find(String quote, Map<Integer, FigureData> figures) {
    Statement statement =
        Statements.all().stream().filter(s -> s.quote().contains(quote)).findFirst().orElseThrow();
    return Finding.of(statement, new PaperRuns(figures));
  }

  private static Outcome verdict(String quote, Map<Integer, FigureData> figures) {
    Finding finding = find(quote, figures);
    assertThat(finding.isMeasured()).isTrue();
    return finding.outcome();
  }

  private FigureData fractions(String model, int seeds, long... steps) throws IOException {
    CurveData[] curves = new CurveData[steps.length];
    for (int i = 0; i < steps.length; i++) {
      Map<String, Object> settings =
          Map.of("model", model, "train-fraction", List.of(0.3, 0.5, 0.7).get(i));
      curves[i] = curve(settings, seeds, 300, steps[i]);
    }
    return figure(curves);
  }

  @Test
  void smallerFractionsAreLater() throws IOException {
    String quote = "the smaller the data fraction";
    FigureData later = fractions("transformer", SEEDS, 9000, 6000, 3000);
    assertThat(verdict(quote, Map.of(2, later))).isEqualTo(Outcome.SUPPORTED);
    FigureData sooner = fractions("transformer", SEEDS, 3000, 6000, 9000);
    assertThat(verdict(quote, Map.of(2, sooner))).isEqualTo(Outcome.CONTRADICTED);
    assertThat(verdict(quote, Map.of(2, later, 3, sooner))).isEqualTo(Outcome.CONTRADICTED);
    FigureData never = fractions("transformer", SEEDS, NEVER, NEVER, 3000);
    assertThat(verdict(quote, Map.of(2, never))).isEqualTo(Outcome.SUPPORTED);
    FigureData same = fractions("transformer", SEEDS, 3000, 3000, 3000);
    assertThat(verdict(quote, Map.of(2, same))).isEqualTo(Outcome.UNDECIDED);
  }

  @Test
  void oneSeedDecidesNothing() throws IOException {
    Map<Integer, FigureData> figures =
        Map.of(
            2, fractions("transformer", 1, NEVER, 6000, 3000),
            3, fractions("mlp", 1, NEVER, 7000, 4000),
            4, fractions("lstm", 1, NEVER, 9000, 6000));
    for (Statement statement : Statements.all()) {
      Finding finding = Finding.of(statement, new PaperRuns(figures));
      assertThat(finding.outcome()).as(statement.quote()).isEqualTo(Outcome.UNDECIDED);
      if (finding.isMeasured()) {
        assertThat(finding.verdicts().getFirst().reason()).contains("seeds, and there");
      }
    }
  }

  @Test
  void someFractionsMayFail() throws IOException {
    String quote = "it may even fail";
    assertThat(verdict(quote, Map.of(2, fractions("transformer", SEEDS, NEVER, 6000, 3000))))
        .isEqualTo(Outcome.SUPPORTED);
    assertThat(verdict(quote, Map.of(2, fractions("transformer", SEEDS, 9000, 6000, 3000))))
        .isEqualTo(Outcome.UNDECIDED);
  }

  @Test
  void smallerTablesWaitLonger() throws IOException {
    FigureData large = figure(curve(Map.of("p", 97), 2000));
    FigureData small = fractions("transformer", SEEDS, 9000, 6000, 3000);
    assertThat(verdict("Reducing p", Map.of(1, large, 2, small))).isEqualTo(Outcome.SUPPORTED);
    FigureData slow = figure(curve(Map.of("p", 97), 12000));
    assertThat(verdict("Reducing p", Map.of(1, slow, 2, small))).isEqualTo(Outcome.CONTRADICTED);
  }

  @Test
  void modelsComeInAnOrder() throws IOException {
    FigureData first = fractions("transformer", SEEDS, 9000, 3000, 1000);
    FigureData second = fractions("mlp", SEEDS, 9000, 5000, 1000);
    FigureData third = fractions("lstm", SEEDS, 9000, 8000, 1000);
    String order = "Transformer < MLP < LSTM";
    assertThat(verdict(order, Map.of(2, first, 3, second, 4, third))).isEqualTo(Outcome.SUPPORTED);
    assertThat(verdict(order, Map.of(2, third, 3, second, 4, first)))
        .isEqualTo(Outcome.CONTRADICTED);
    assertThat(verdict("at α = 0.3", Map.of(2, first, 3, second, 4, third)))
        .isEqualTo(Outcome.SUPPORTED);
  }

  @Test
  void oscillationsAreSeen() throws IOException {
    List<RunRecord> falling = new ArrayList<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      falling.add(
          MadeRun.generalizing(Map.of("p", 97, "seed", seed), 300, 2000)
              .fallingBack()
              .read(Files.createTempDirectory(folder, "run")));
    }
    FigureData figure = figure(new CurveData("", falling));
    assertThat(verdict("severe oscillations", Map.of(1, figure))).isEqualTo(Outcome.SUPPORTED);
    assertThat(verdict("did not affect", Map.of(1, figure))).isEqualTo(Outcome.SUPPORTED);
    FigureData calm = figure(curve(Map.of("p", 97), 2000));
    assertThat(verdict("severe oscillations", Map.of(1, calm))).isNotEqualTo(Outcome.SUPPORTED);
  }

  /** The report's AdamW is in three panels, which is how it is known. */
  private FigureData optimizers(long noDecay, long sgd, long smallRate, long batch)
      throws IOException {
    CurveData reference = curve(Map.of(), 3000);
    CurveData none = curve(Map.of("weight-decay", 0), noDecay);
    CurveData strong = curve(Map.of("weight-decay", 3), noDecay == NEVER ? 2000 : 6000);
    CurveData slow = curve(Map.of("lr", 0.0001), smallRate);
    CurveData fast = curve(Map.of("lr", 0.001), 6000 - smallRate / 2);
    CurveData small = curve(Map.of("batch-size", 64), batch);
    CurveData other = curve(Map.of("optimizer", "sgd"), sgd);
    CurveData rms = curve(Map.of("optimizer", "rmsprop"), sgd);
    return new FigureData(
        "figure-5",
        "Optimizers",
        List.of(
            new PanelData("decay", List.of(none, reference, strong)),
            new PanelData("batch", List.of(small, reference)),
            new PanelData("rate", List.of(slow, reference, fast)),
            new PanelData("SGD", List.of(other)),
            new PanelData("RMSprop", List.of(rms))));
  }

  @Test
  void optimizersAsTheReportHasThem() throws IOException {
    Map<Integer, FigureData> figures = Map.of(5, optimizers(NEVER, NEVER, 9000, 3000));
    for (String quote :
        List.of(
            "RMSprop and SGD",
            "batch size",
            "smaller learning rate",
            "decisive effect",
            "larger weight decay",
            "Without regularization")) {
      assertThat(verdict(quote, figures)).as(quote).isEqualTo(Outcome.SUPPORTED);
    }
  }

  @Test
  void optimizersTheOtherWayRound() throws IOException {
    Map<Integer, FigureData> figures = Map.of(5, optimizers(500, 1000, 1000, 9000));
    for (String quote :
        List.of("RMSprop and SGD", "batch size", "smaller learning rate", "larger weight decay")) {
      assertThat(verdict(quote, figures)).as(quote).isEqualTo(Outcome.CONTRADICTED);
    }
    assertThat(verdict("Without regularization", figures)).isEqualTo(Outcome.UNDECIDED);
  }

  @Test
  void dropoutHelpsOrNot() throws IOException {
    FigureData sooner =
        figure(
            curve(Map.of("dropout", 0), 9000),
            curve(Map.of("dropout", 0.1), 6000),
            curve(Map.of("dropout", 0.3), 3000));
    assertThat(verdict("larger the dropout", Map.of(6, sooner))).isEqualTo(Outcome.SUPPORTED);
    FigureData later =
        figure(
            curve(Map.of("dropout", 0), 3000),
            curve(Map.of("dropout", 0.1), 6000),
            curve(Map.of("dropout", 0.3), NEVER));
    assertThat(verdict("larger the dropout", Map.of(6, later))).isEqualTo(Outcome.CONTRADICTED);
  }

  @Test
  void moreSummandsAreLaterAndTogether() throws IOException {
    FigureData figure =
        figure(
            curve(Map.of("summands", 2, "p", 11, "batch-size", 16), SEEDS, 300, 3000),
            curve(Map.of("summands", 3, "p", 11, "batch-size", 16), SEEDS, 6000, 6100));
    assertThat(verdict("as K increases", Map.of(7, figure))).isEqualTo(Outcome.SUPPORTED);
    assertThat(verdict("simultaneously", Map.of(7, figure))).isEqualTo(Outcome.SUPPORTED);
    FigureData apart =
        figure(
            curve(Map.of("summands", 2, "p", 11, "batch-size", 16), SEEDS, 300, 3000),
            curve(Map.of("summands", 3, "p", 11, "batch-size", 16), SEEDS, 300, 1000));
    assertThat(verdict("as K increases", Map.of(7, apart))).isEqualTo(Outcome.CONTRADICTED);
    assertThat(verdict("simultaneously", Map.of(7, apart))).isEqualTo(Outcome.CONTRADICTED);
  }

  @Test
  void fittingComesFirst() throws IOException {
    FigureData figure = fractions("transformer", SEEDS, 9000, 6000, 3000);
    assertThat(verdict("initial stage", Map.of(2, figure))).isEqualTo(Outcome.SUPPORTED);
  }

  /** A curve whose circuit answers all from a step on. */
  private CurveData opened(Map<String, Object> settings, long circuit, long step)
      throws IOException {
    List<RunRecord> runs = new ArrayList<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      MadeRun run =
          step == NEVER
              ? MadeRun.never(settings, 300)
              : MadeRun.generalizing(settings, 300, step + 100L * seed);
      runs.add(
          run.with("seed", seed)
              .withCircuit(circuit)
              .read(Files.createTempDirectory(folder, "run")));
    }
    return new CurveData(settings.toString(), runs);
  }

  private FigureData decays(CurveData without, CurveData with) {
    return new FigureData(
        "figure-5",
        "Optimizers",
        List.of(new PanelData("decay", List.of(without, with)), new PanelData("", List.of(with))));
  }

  @Test
  void theCircuitComesBeforeGeneralization() throws IOException {
    String quote = "divided into three stages";
    FigureData apart = figure(opened(Map.of("train-fraction", 0.7), 1000, 3000));
    assertThat(verdict(quote, Map.of(2, apart))).isEqualTo(Outcome.SUPPORTED);
    FigureData together = figure(opened(Map.of("train-fraction", 0.7), 6000, 3000));
    assertThat(verdict(quote, Map.of(2, together))).isEqualTo(Outcome.CONTRADICTED);
    FigureData closed = fractions("transformer", SEEDS, 9000, 6000, 3000);
    assertThat(find(quote, Map.of(2, closed)).isMeasured()).as("without measures").isFalse();
  }

  @Test
  void weightDecayCompletesTheCircuit() throws IOException {
    String quote = "search for broader rules";
    CurveData with = opened(Map.of(), 1000, 3000);
    FigureData needed = decays(opened(Map.of("weight-decay", 0), 50_000, NEVER), with);
    Finding finding = find(quote, Map.of(5, needed));
    assertThat(finding.outcome()).isEqualTo(Outcome.SUPPORTED);
    assertThat(finding.parts().getFirst().facts())
        .containsExactly(
            new Part.Fact("memorization ends", "0 of 6 without, 6 of 6 with"),
            new Part.Fact("circuit formation ends", "0 of 6 without, 6 of 6 with"),
            new Part.Fact("cleanup ends", "0 of 6 without, 6 of 6 with"));
    FigureData useless = decays(opened(Map.of("weight-decay", 0), 1000, NEVER), with);
    assertThat(verdict(quote, Map.of(5, useless))).isEqualTo(Outcome.UNDECIDED);
  }

  @Test
  void stagesAreTimedFromWhereTheyBegin() throws IOException {
    CurveData groks = opened(Map.of("weight-decay", 1), 1000, 3000);
    CurveData half = opened(Map.of("weight-decay", 0), 30_000, NEVER);
    List<Comparison> comparisons = Comparison.of(List.of(groks, half));
    assertThat(comparisons)
        .extracting(Comparison::time)
        .containsExactly(
            "steps to generalization",
            "steps of memorization",
            "steps of circuit formation",
            "steps of cleanup");
    List<Sample> memory = comparisons.get(1).samples();
    assertThat(memory.getFirst().observations()).containsOnly(Observation.reached(500));
    assertThat(memory.getLast().observations()).containsOnly(Observation.reached(15_000));
    List<Sample> circuit = comparisons.get(2).samples();
    assertThat(circuit.getFirst().observations()).containsOnly(Observation.reached(500));
    assertThat(circuit.getLast().observations()).containsOnly(Observation.censored(5_000));
    List<Sample> cleanup = comparisons.get(3).samples();
    assertThat(cleanup).as("curves whose circuit is whole").hasSize(1);
    assertThat(cleanup.getFirst().observations())
        .startsWith(Observation.reached(2000), Observation.reached(2100));
    assertThat(Comparison.of(List.of(curve(Map.of(), 3000))).getLast().samples())
        .as("stages by accuracy alone")
        .isEmpty();
  }

  @Test
  void missingFiguresAreNoFindings() {
    for (Statement statement : Statements.all()) {
      Finding finding = Finding.of(statement, new PaperRuns(Map.of()));
      assertThat(finding.isMeasured()).as(statement.quote()).isFalse();
      assertThat(finding.outcome()).isEqualTo(Outcome.UNDECIDED);
      assertThat(statement.figures()).isNotEmpty();
    }
  }
}
