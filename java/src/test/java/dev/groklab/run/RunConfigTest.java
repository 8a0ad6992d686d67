package dev.groklab.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.groklab.engine.Backend;
import dev.groklab.engine.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunConfigTest {

  @TempDir Path folder;

  @Test
  void defaultsAreTheReports() {
    RunConfig config = RunConfig.of(Map.of());
    assertThat(config.toMap().toString())
        .isEqualTo(
            "{task=add, p=97, summands=2, train-fraction=0.5, label-noise=0.0, model=transformer,"
                + " layers=2, dim=128, heads=4, hidden=512, dropout=0.0, optimizer=adamw,"
                + " lr=0.0005, beta1=0.9, beta2=0.98, eps=1E-8, momentum=0.0, nesterov=false,"
                + " alpha=0.99, centered=false, weight-decay=1.0, clip-norm=0.0, lr-schedule=step,"
                + " lr-decay-factor=0.8, lr-decay-every=5000, lr-decay-steps=20000, lr-min=0.0,"
                + " lr-warmup=0, batch-size=256, steps=20000, until=none, eval-every=100,"
                + " eval-rows=all, seed=0, split-seed=0, init-seed=0, batch-seed=0, dropout-seed=0,"
                + " label-seed=0, backend=auto, threads=all, precision=fp32,"
                + " checkpoint-every=1000, progress-measures=true,"
                + " snapshot-every=none}");
    assertThat(config.name()).isEqualTo("add-p97-k2-a0.5-transformer-adamw-s0");
  }

  @Test
  void defaultsFollowOtherSettings() {
    RunConfig config = RunConfig.of(Map.of("dim", 32, "seed", 7, "batch-seed", 1, "p", 300));
    assertThat(config.hidden()).isEqualTo(128);
    assertThat(config.splitSeed()).isEqualTo(7);
    assertThat(config.initSeed()).isEqualTo(7);
    assertThat(config.dropoutSeed()).isEqualTo(7);
    assertThat(config.batchSeed()).isEqualTo(1);
    assertThat(config.evalRows()).hasValue(16_384); // 90,000 rows
    assertThat(RunConfig.of(Map.of("p", 256)).evalRows()).isEmpty(); // 65,536 rows
    assertThat(RunConfig.of(Map.of("p", 257, "task", "divide")).evalRows()).hasValue(16_384);
    assertThat(RunConfig.of(Map.of("task", "s5")).p()).isEqualTo(120);
    assertThat(RunConfig.of(Map.of("steps", 300)).lrDecaySteps()).isEqualTo(300);
    assertThat(config.toMinimalMap())
        .doesNotContainKeys("hidden", "split-seed", "eval-rows")
        .containsEntry("batch-seed", 1L);
  }

  @Test
  void textAndNumbersMeanTheSame() {
    assertThat(RunConfig.of(Map.of("p", "13", "lr", "1e-3", "batch-size", "full")))
        .isEqualTo(RunConfig.of(Map.of("p", 13, "lr", 0.001, "batch-size", "full")));
    RunConfig config =
        RunConfig.of(Map.of("backend", "naive", "precision", "fp64", "until", "grok"));
    assertThat(config.backend()).isEqualTo(Backend.NAIVE);
    assertThat(config.precision()).isEqualTo(Precision.FP64);
    assertThat(config.until()).isEqualTo(Until.GROK);
    assertThat(config.with(ConfigKey.STEPS, 5).steps()).isEqualTo(5);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "p | 1 | the modulus must be at least 2",
        "p | x | a whole number is needed",
        "p | 1.5 | a whole number is needed",
        "p | 99999999999 | too large",
        "p | 100000 | rows; at most",
        "task | mul | not known; choose add or divide",
        "summands | 1 | at least 2 operands",
        "summands | 7 | 2 to 6",
        "train-fraction | 0 | above 0 and below 1",
        "train-fraction | 1 | above 0 and below 1",
        "train-fraction | -0.1 | above 0 and below 1",
        "train-fraction | 0.0001 | none to train on",
        "train-fraction | NaN | a decimal number is needed",
        "train-fraction | half | a decimal number is needed",
        "label-noise | -0.1 | must be from 0 to 1",
        "label-noise | 1.1 | must be from 0 to 1",
        "model | gpt | not known; choose transformer or mlp or lstm",
        "layers | 0 | from 1 to 64",
        "layers | 65 | from 1 to 64",
        "dim | 0 | from 1 to 8192",
        "heads | 3 | must divide the width, --dim 128",
        "heads | 0 | must divide the width",
        "hidden | 0 | from 1 to 65536",
        "dropout | 1 | at least 0 and below 1",
        "optimizer | lion | not known; choose adamw or adam or sgd or rmsprop",
        "lr | -0.001 | at least 0",
        "lr | 1e999 | at least 0",
        "beta1 | 1 | below 1",
        "beta2 | -1 | below 1",
        "eps | -1 | at least 0",
        "momentum | 0.9 | belongs to sgd and rmsprop; adamw has none",
        "momentum | -1 | at least 0",
        "nesterov | true | belongs to sgd, not to adamw",
        "nesterov | 1 | true or false",
        "alpha | 1 | at least 0 and below 1",
        "centered | true | belongs to rmsprop, not to adamw",
        "centered | yes | true or false",
        "clip-norm | -1 | at least 0",
        "clip-norm | 1e999 | at least 0",
        "lr-schedule | linear | choose step or constant or cosine",
        "lr-decay-steps | 0 | at least 1",
        "lr-min | -1 | at least 0",
        "lr-warmup | -1 | at least 0",
        "weight-decay | -1 | at least 0",
        "lr-decay-factor | 0 | above 0 and at most 1",
        "lr-decay-factor | 1.1 | above 0 and at most 1",
        "lr-decay-every | 0 | at least 1",
        "batch-size | 0 | at least 1",
        "batch-size | 5000 | the training split has 4704 rows",
        "batch-size | all | a whole number or 'full'",
        "steps | 0 | at least 1",
        "until | groked | choose none or grok",
        "eval-every | 0 | at least 1",
        "eval-rows | 0 | at least 1",
        "seed | -1 | at least 0",
        "split-seed | -1 | at least 0",
        "init-seed | -1 | at least 0",
        "batch-seed | -1 | at least 0",
        "dropout-seed | -1 | at least 0",
        "label-seed | -1 | at least 0",
        "backend | tpu | choose auto or cpu or cuda or naive or check",
        "threads | 0 | at least 1",
        "threads | 2000 | from 0 to 1024",
        "precision | fp16 | choose fp32 or fp64",
        "checkpoint-every | 0 | at least 1",
        "progress-measures | often | true or false",
        "snapshot-every | 0 | at least 1",
        "snapshot-every | often | a whole number, 'log' or 'none'",
        "replay | /nonexistent | is no folder",
        "stepps | 5 | is not a setting; nearest: steps",
      })
  void whatCannotBeTrainedIsRefusedByName(String key, String value, String problem) {
    assertThatThrownBy(() -> RunConfig.of(Map.of(key, value)))
        .isInstanceOfSatisfying(
            ConfigException.class,
            e -> {
              assertThat(e.key()).isEqualTo(key);
              assertThat(e.problem()).contains(problem);
            });
  }

  /** Settings that are fine one by one, and not together. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "task=s5, p=97 | p | has 120 elements; p cannot be 97",
        "task=divide, p=10 | p | prime",
        "task=divide, summands=3 | summands | takes 2 operands, not 3",
        "p=97, summands=6 | summands | rows; at most",
        "optimizer=adam, momentum=0.9 | momentum | adam has none",
        "optimizer=sgd, nesterov=true | nesterov | needs a --momentum above 0",
        "optimizer=sgd, centered=true | centered | belongs to rmsprop, not to sgd",
        "optimizer=rmsprop, momentum=0.9, nesterov=true | nesterov | belongs to sgd",
        "lr-schedule=cosine, lr-min=0.1 | lr-min | must be at most the rate",
        "model=mlp, summands=6, p=2, dim=8192 | dim | the 12 tokens of a row",
      })
  void someSettingsDoNotGoTogether(String settings, String key, String problem) {
    Map<String, String> map = new LinkedHashMap<>();
    for (String setting : settings.split(", ", -1)) {
      map.put(setting.split("=", -1)[0], setting.split("=", -1)[1]);
    }
    assertThatThrownBy(() -> RunConfig.of(map))
        .isInstanceOfSatisfying(
            ConfigException.class,
            e -> {
              assertThat(e.key()).isEqualTo(key);
              assertThat(e.problem()).contains(problem);
            });
  }

  /** What a model or an optimizer does not have is no obstacle: a sweep may name it for all. */
  @Test
  void settingsOfOthersAreAllowedAndDoNotMatter() {
    RunConfig mlp = RunConfig.of(Map.of("model", "mlp", "dim", 5, "optimizer", "sgd"));
    assertThat(mlp.heads()).isEqualTo(4); // which does not divide 5
    assertThat(ConfigKey.HEADS.matters(mlp)).isFalse();
    assertThat(ConfigKey.BETA1.matters(mlp)).isFalse();
    assertThat(ConfigKey.EPS.matters(mlp)).isFalse();
    assertThat(ConfigKey.LR_MIN.matters(mlp)).isFalse();
    assertThat(ConfigKey.LABEL_SEED.matters(mlp)).isFalse();
    assertThat(ConfigKey.MOMENTUM.matters(mlp)).isTrue();
    assertThat(ConfigKey.LR_DECAY_EVERY.matters(mlp)).isTrue();
    RunConfig report = RunConfig.of(Map.of());
    assertThat(ConfigKey.HEADS.matters(report)).isTrue();
    assertThat(ConfigKey.BETA2.matters(report)).isTrue();
    assertThat(ConfigKey.ALPHA.matters(report)).isFalse();
    assertThat(ConfigKey.NESTEROV.matters(report)).isFalse();
  }

  @Property(tries = 100)
  void yamlBringsBackTheSameRun(@ForAll("settings") Map<String, Object> settings)
      throws IOException {
    RunConfig config = RunConfig.of(settings);
    Path file = Files.createTempFile("groklab", ".yaml");
    try {
      ConfigFile.write(file, config.toMap(), Map.of("backend", "cpu"));
      assertThat(RunConfig.of(ConfigFile.read(file))).isEqualTo(config);
      assertThat(ConfigFile.readEnvironment(file)).isEqualTo(Map.of("backend", "cpu"));
      assertThat(RunConfig.of(config.toMinimalMap())).isEqualTo(config);
    } finally {
      Files.delete(file);
    }
  }

  @Provide
  Arbitrary<Map<String, Object>> settings() {
    Arbitrary<Double> reals = Arbitraries.doubles().between(1e-12, 0.999).ofScale(12);
    return Arbitraries.lazyOf(
        () ->
            reals
                .list()
                .ofSize(7)
                .map(
                    r -> {
                      Map<String, Object> map = new LinkedHashMap<>();
                      map.put("train-fraction", Math.max(r.get(0), 0.1));
                      map.put("lr", r.get(1));
                      map.put("beta1", r.get(2));
                      map.put("eps", r.get(3));
                      map.put("weight-decay", 100 * r.get(4));
                      map.put("seed", (long) (r.get(5) * Long.MAX_VALUE));
                      map.put("batch-size", r.get(6) < 0.5 ? "full" : 17);
                      map.put("threads", r.get(6) < 0.5 ? "all" : 3);
                      map.put("label-noise", r.get(5));
                      map.put("clip-norm", 10 * r.get(4));
                      if (r.get(2) < 0.5) {
                        map.put("optimizer", "sgd");
                        map.put("momentum", r.get(3));
                        map.put("nesterov", true);
                        map.put("lr-schedule", "cosine");
                        map.put("lr-warmup", (int) (1000 * r.get(0)));
                      } else {
                        map.put("optimizer", r.get(2) < 0.8 ? "rmsprop" : "adam");
                        map.put("alpha", r.get(3));
                        map.put("centered", r.get(2) < 0.8);
                        map.put("model", r.get(1) < 0.5 ? "lstm" : "mlp");
                      }
                      return map;
                    }));
  }

  @Test
  void commentsAndGapsInYamlAreFine() throws IOException {
    Path file = folder.resolve("c.yaml");
    Files.writeString(file, "# a comment\np: 13\nreplay:\nbatch-size: full\n");
    assertThat(ConfigFile.read(file)).isEqualTo(Map.of("p", "13", "batch-size", "full"));
    Files.writeString(file, "# nothing\n");
    assertThat(ConfigFile.read(file)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "- a | is no YAML map",
        "just text | is no YAML map",
        "p: [1 | is no YAML map",
        "p: {a: 1} | p is no single value",
        "p: 1;p: 2 | Duplicate",
      })
  void otherYamlIsRefused(String text, String problem) throws IOException {
    Path file = folder.resolve("bad.yaml");
    Files.writeString(file, text.replace(';', '\n'));
    assertThatThrownBy(() -> ConfigFile.read(file))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(problem);
  }

  @Test
  void differencesAreThoseThatMatter() {
    RunConfig config = RunConfig.of(Map.of());
    assertThat(config.differences(config)).isEmpty();
    RunConfig other =
        config
            .with(ConfigKey.STEPS, 7)
            .with(ConfigKey.LR, "0.1")
            .with(ConfigKey.ALPHA, "0.5"); // RMSprop's
    assertThat(config.differences(other)).containsExactly(ConfigKey.LR, ConfigKey.STEPS);
  }
}
