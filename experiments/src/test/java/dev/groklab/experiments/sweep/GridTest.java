package dev.groklab.experiments.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.groklab.run.ConfigException;
import dev.groklab.run.ConfigKey;
import dev.groklab.run.RunConfig;
import dev.groklab.run.SeedRange;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GridTest {

  private static final String GRID =
      """
      title: Fractions
      base: {p: 11, steps: 300, batch-size: 16, weight-decay: 1.0}
      seeds: 0..2
      panels:
        - title: Dropout
          description: Some words.
          set: {dropout: 0.1, steps: 200}
          vary: {train-fraction: [0.3, 0.5], lr: [1e-3, 0.002]}
        - title: Optimizers
          curves:
            - {label: "AdamW", set: {}}
            - {label: "SGD", set: {optimizer: sgd, momentum: 0.9, steps: 100}}
        - title: One
      scale:
        quick: {seeds: 1..1, set: {steps: 20}}
        full: {seeds: 0..4}
      """;

  private static Grid parse(String text, Overrides overrides) {
    return Grid.parse("g.yaml", text, overrides);
  }

  @Test
  void settingsAreLaidOverEachOther() {
    Grid grid = parse(GRID, Overrides.NONE);
    assertThat(grid.title()).isEqualTo("Fractions");
    assertThat(grid.seeds()).isEqualTo(new SeedRange(0, 2));
    assertThat(grid.panels())
        .extracting(Panel::title)
        .containsExactly("Dropout", "Optimizers", "One");
    Panel dropout = grid.panels().getFirst();
    assertThat(dropout.description()).isEqualTo("Some words.");
    assertThat(dropout.curves())
        .extracting(Curve::label)
        .containsExactly(
            "train-fraction = 0.3, lr = 0.001",
            "train-fraction = 0.3, lr = 0.002",
            "train-fraction = 0.5, lr = 0.001",
            "train-fraction = 0.5, lr = 0.002");
    Curve curve = dropout.curves().get(1);
    assertThat(curve.varied()).isEqualTo(Map.of("train-fraction", "0.3", "lr", "0.002"));
    assertThat(curve.runs()).hasSize(3);
    assertThat(curve.run(2).config())
        .isEqualTo(
            RunConfig.of(
                Map.of(
                    "p",
                    11,
                    "steps",
                    200,
                    "batch-size",
                    16,
                    "dropout",
                    0.1,
                    "train-fraction",
                    0.3,
                    "lr",
                    0.002,
                    "seed",
                    2)));
    assertThatThrownBy(() -> curve.run(7)).hasMessageContaining("seed 7");

    RunConfig sgd = grid.panels().get(1).curves().get(1).run(0).config();
    assertThat(sgd.optimizer()).isEqualTo("sgd");
    assertThat(sgd.steps()).isEqualTo(100);
    assertThat(grid.panels().get(2).curves())
        .singleElement()
        .extracting(Curve::label)
        .isEqualTo("One");
  }

  @Test
  void scalesAndTheCommandLineWin() {
    Grid quick =
        parse(
            GRID, new Overrides(Optional.of("quick"), Optional.empty(), Map.of("eval-every", "9")));
    assertThat(quick.seeds()).isEqualTo(new SeedRange(1, 1));
    assertThat(quick.runs())
        .hasSize(6) // the panel "One" is the curve "AdamW"
        .allSatisfy(run -> assertThat(run.config().steps()).isEqualTo(20))
        .allSatisfy(run -> assertThat(run.config().evalEvery()).isEqualTo(9));
    Grid both =
        parse(
            GRID,
            new Overrides(
                Optional.of("quick"), Optional.of(new SeedRange(5, 6)), Map.of("steps", "7")));
    assertThat(both.runs())
        .hasSize(12)
        .allSatisfy(run -> assertThat(run.config().steps()).isEqualTo(7));
    assertThat(parse(GRID, scale("full")).seeds()).isEqualTo(new SeedRange(0, 4));
  }

  @Test
  void aFileWithoutPanelsIsOne() {
    Grid grid = parse("{title: T, base: {p: 97}, vary: {model: [mlp, lstm]}}", Overrides.NONE);
    assertThat(grid.panels()).singleElement().extracting(Panel::title).isEqualTo("T");
    assertThat(grid.runs()).extracting(run -> run.config().model()).containsExactly("mlp", "lstm");
  }

  @Test
  void foldersFollowFromWhatTheRunDependsOn() {
    RunConfig config = RunConfig.of(Map.of("p", 41, "train-fraction", 0.7));
    GridRun run = GridRun.of(config);
    // A name is a promise: folders of earlier versions are found again.
    assertThat(run.name()).isEqualTo("add-p41-k2-a0.7-transformer-adamw-s0-7a6fe0f6");
    assertThat(run.folder(Path.of("out")).path()).isEqualTo(Path.of("out", run.name()));
    Map<ConfigKey, Object> same =
        Map.of(
            ConfigKey.THREADS, "2",
            ConfigKey.CHECKPOINT_EVERY, "7",
            ConfigKey.BACKEND, "cpu",
            ConfigKey.ALPHA, "0.5"); // RMSprop's
    same.forEach(
        (key, value) ->
            assertThat(GridRun.of(config.with(key, value)).name()).isEqualTo(run.name()));
    for (ConfigKey key :
        List.of(ConfigKey.STEPS, ConfigKey.WEIGHT_DECAY, ConfigKey.INIT_SEED, ConfigKey.DIM)) {
      assertThat(GridRun.of(config.with(key, "4")).name()).isNotEqualTo(run.name());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[1] | g.yaml: '[1]' is not allowed: a map is needed",
        "{title: [ | g.yaml: is no YAML: ",
        "{title: T, title: U} | g.yaml: is no YAML: Duplicate field 'title' (line 1)",
        "{base: {}} | g.yaml: a title is needed",
        "{title: T, bass: {}} | g.yaml: 'bass' is not known here; allowed: title, description,"
            + " base",
        "{title: T, base: 3} | g.yaml: base: '3' is not allowed: a map is needed",
        "{title: T, base: {q: 3}} | g.yaml: base: 'q' is no setting; nearest: p, lr",
        "{title: T, base: {seed: 3}} | g.yaml: base: 'seed' is not allowed here: the seeds of a",
        "{title: T, base: {threads: 3}} | g.yaml: base: 'threads' is not allowed here: where to",
        "{title: T, base: {replay: x}} | g.yaml: base: 'replay' is not allowed here: the runs of",
        "{title: T, base: {p: [3]}} | g.yaml: base: p: '[3]' is not allowed: a single value is",
        "{title: T, base: {p: 1}} | g.yaml: base: p: 1 is not allowed: the modulus must be at",
        "{title: T, seeds: 3} | g.yaml: seeds: '3' is not allowed: A..B is needed, such as 0..4",
        "{title: T, vary: {p: 7}} | g.yaml: vary: p: '7' is not allowed: a list is needed",
        "{title: T, vary: {p: []}} | g.yaml: vary: p: '[]' is not allowed: a list is needed",
        "{title: T, vary: {q: [7]}} | g.yaml: vary: 'q' is no setting",
        "{title: T, vary: {p: [97, x]}} | g.yaml: vary: p: 'x' is not allowed: a whole number is"
            + " needed (for g.yaml: curve 'p = x')",
        "{title: T, vary: {p: [7]}} | g.yaml: curve 'p = 7': batch-size: 256 is not allowed: the",
        "{title: T, vary: {p: [97, 97]}} | g.yaml: two curves are called 'p = 97'",
        "{title: T, vary: {p: [97], lr: [1.0, 1]}} | g.yaml: the curves 'p = 97, lr = 1.0' and"
            + " 'p = 97, lr = 1' are the same run",
        "{title: T, vary: {p: [7]}, curves: []} | g.yaml: has both 'vary' and 'curves'",
        "{title: T, curves: []} | g.yaml: curves: '[]' is not allowed: a list is needed",
        "{title: T, curves: [{set: {}}]} | g.yaml: curve 1: a label is needed",
        "{title: T, curves: [{label: L, sett: {}}]} | g.yaml: curve 1 'L': 'sett' is not known",
        "{title: T, panels: {}} | g.yaml: panels: '{}' is not allowed: a list is needed",
        "{title: T, panels: [{title: U}], vary: {}} | g.yaml: 'vary' is not known here",
        "{title: T, panels: [{title: U}, {title: V, base: {}}]} | g.yaml: panel 2 'V': 'base' is",
        "{title: T, panels: [{title: U, curves: [{label: L, set: {lr: -1}}]}]} | g.yaml: panel 1"
            + " 'U': curve 1 'L': set: lr: -1.0 is not allowed: must be at least 0",
        "{title: T, scale: {quick: {steps: 3}}} | g.yaml: scale: quick: 'steps' is not known here",
      })
  void faultsNameTheirPlace(String text, String message) {
    assertThatThrownBy(() -> parse(text, Overrides.NONE))
        .isInstanceOf(GridException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void faultsOfTheCommandLineAreItsOwn() {
    String text = "{title: T, vary: {p: [89, 97]}, scale: {quick: {set: {lr: x}}}}";
    assertThatThrownBy(() -> parse(text, scale("quick")))
        .isInstanceOf(GridException.class)
        .hasMessageStartingWith("g.yaml: scale: quick: set: lr: 'x' is not allowed");
    assertThatThrownBy(() -> parse(text, scale("slow")))
        .isInstanceOf(ConfigException.class)
        .hasMessage("scale: 'slow' is not allowed: g.yaml has quick");
    assertThatThrownBy(() -> parse(text, set("lr", "x")))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("set: lr: 'x' is not allowed");
    assertThatThrownBy(() -> parse(text, set("seed", "1")))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("set: 'seed' is not allowed here");
    assertThatThrownBy(() -> parse(text, set("p", "97")))
        .isInstanceOf(GridException.class)
        .hasMessageStartingWith("g.yaml: the curves 'p = 89' and 'p = 97' are the same run");
    assertThatThrownBy(() -> Grid.read(Path.of("/nonexistent.yaml")))
        .isInstanceOf(GridException.class)
        .hasMessage("grid: /nonexistent.yaml: no such file or folder");
  }

  private static Overrides scale(String name) {
    return new Overrides(Optional.of(name), Optional.empty(), Map.of());
  }

  private static Overrides set(String key, String value) {
    return new Overrides(Optional.empty(), Optional.empty(), Map.of(key, value));
  }

  @Test
  void aScaleMayChangeOnePanelAlone() {
    String text =
        """
        title: T
        base: {p: 11, batch-size: 16}
        panels:
          - {title: A, scale: {quick: {set: {steps: 5}}}}
          - {title: B}
        scale:
          quick: {set: {steps: 10}}
        """;
    Grid grid =
        Grid.parse("file", text, new Overrides(Optional.of("quick"), Optional.empty(), Map.of()));
    assertThat(grid.runs()).extracting(run -> run.config().steps()).containsExactly(5L, 10L);
    Overrides set = new Overrides(Optional.of("quick"), Optional.empty(), Map.of("steps", "3"));
    assertThat(Grid.parse("file", text.replace("B}", "B, set: {p: 13}}"), set).runs())
        .extracting(run -> run.config().steps())
        .containsExactly(3L, 3L);
  }
}
