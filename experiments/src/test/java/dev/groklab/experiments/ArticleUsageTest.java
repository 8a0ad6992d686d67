package dev.groklab.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Wrong options: status 2, one line that names the option, and nothing written. */
class ArticleUsageTest {

  @TempDir Path folder;

  private Groklab article(String arguments) {
    List<String> all = new ArrayList<>(List.of("article"));
    all.addAll(List.of(arguments.split(" ")));
    all.addAll(List.of("--out", folder.resolve("run").toString()));
    return Groklab.run(all.toArray(String[]::new));
  }

  private void assertRefused(String arguments, String message) throws IOException {
    Groklab groklab = article(arguments);
    String experiment = arguments.split(" ", 2)[0];
    assertThat(groklab.status()).isEqualTo(2);
    assertThat(groklab.err().lines())
        .singleElement()
        .asString()
        .startsWith("groklab article " + experiment + ": " + message);
    assertThat(groklab.out()).isEmpty();
    assertThat(folder).isEmptyDirectory();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--p 1                  | --p: '1' is not allowed: a whole number from 2 to 4096",
        "--p abc                | --p: 'abc' is not allowed: a whole number",
        "--train-samples 0      | --train-samples: '0' is not allowed",
        "--train-samples 9000   | --train-samples: 9000 training and 1000 test rows are more than",
        "--test-samples 0       | --test-samples: '0' is not allowed",
        "--hidden 0             | --hidden: '0' is not allowed",
        "--batch-size 5001      | --batch-size: '5001' is not allowed: a whole number from 1 to"
            + " 5000",
        "--batch-size 0         | --batch-size: '0' is not allowed",
        "--weight-decay -1      | --weight-decay: -1.0 is not allowed",
        "--epochs 0             | --epochs: '0' is not allowed",
        "--eval-every 0         | --eval-every: '0' is not allowed",
        "--seed -1              | --seed: -1 is not allowed",
        "--seed x               | --seed: 'x' is not allowed",
        "--backend tpu          | --backend: 'tpu' is not allowed; choose auto",
        "--threads 0            | --threads: 0 is not allowed",
        "--precision fp16       | --precision: 'fp16' is not allowed; choose fp32 or fp64",
        "--no-such-option       | '--no-such-option' is no option",
      })
  void modularOptions(String options, String message) throws IOException {
    assertRefused("modular-mlp " + options, message);
    assertRefused("optimizers " + options, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "modular-mlp --lr -0.1           | --lr: -0.1 is not allowed: must be at least 0",
        "modular-mlp --seeds 3           | --seeds: '3' is not allowed: A..B is needed",
        "modular-mlp --seeds 0..1 --seed 3 | --seeds: cannot be given together with --seed",
        "optimizers --lr 0.1             | '--lr' is no option",
        "cnn --data /nonexistent         | --data: /nonexistent/data_batch_1.bin: is missing;"
            + " expected",
        "cnn --train-images 0            | --train-images: '0' is not allowed: a whole number from"
            + " 1",
        "cnn --test-images x             | --test-images: 'x' is not allowed",
        "cnn --width 0                   | --width: '0' is not allowed",
        "cnn --hidden 1                  | --hidden: '1' is not allowed: a whole number from 2",
        "cnn --dropout 1                 | --dropout: 1.0 is not allowed",
        "cnn --batch-size 301            | --batch-size: '301' is not allowed: a whole number from"
            + " 1 to 300",
        "cnn --lr -1                     | --lr: -1.0 is not allowed",
        "cnn --weight-decay 0,-1         | --weight-decay: -1.0 is not allowed",
        "cnn --weight-decay 1,1          | --weight-decay: '1,1' is not allowed: different values",
        "cnn --weight-decay 1,           | --weight-decay: '1,' is not allowed: different values",
        "cnn --init-scale 0              | --init-scale: '0' is not allowed: a number above 0",
        "cnn --init-scale x              | --init-scale: 'x' is not allowed",
        "cnn --epochs 0                  | --epochs: '0' is not allowed",
        "cnn --eval-every 0              | --eval-every: '0' is not allowed",
        "cnn --seed -1                   | --seed: -1 is not allowed",
        "cnn --threads 0                 | --threads: 0 is not allowed",
        "cartpole --episodes 0           | --episodes: '0' is not allowed",
        "cartpole --gamma 0              | --gamma: '0' is not allowed: a number above 0, at most"
            + " 1",
        "cartpole --gamma 1.1            | --gamma: '1.1' is not allowed",
        "cartpole --gamma x              | --gamma: 'x' is not allowed",
        "cartpole --hidden 0             | --hidden: '0' is not allowed",
        "cartpole --lr nan               | --lr: 'nan' is not allowed",
        "cartpole --weight-decay -1      | --weight-decay: -1.0 is not allowed",
        "cartpole --seed -1              | --seed: -1 is not allowed",
        "cartpole --seeds 4..2           | --seeds: '4..2' is not allowed",
        "cartpole --seeds 0..1 --seed 3  | --seeds: cannot be given together with --seed",
        "cartpole --backend tpu          | --backend: 'tpu' is not allowed; choose auto",
        "cartpole --threads 0            | --threads: 0 is not allowed",
        "cartpole --precision fp16       | --precision: 'fp16' is not allowed; choose fp32 or fp64",
      })
  void otherOptions(String arguments, String message) throws IOException {
    assertRefused(arguments, message);
  }

  @ParameterizedTest
  @CsvSource({"modular-mlp", "optimizers", "cnn", "cartpole"})
  void anExperimentIsNotReplacedUnlessAsked(String experiment) throws IOException {
    Path run = Files.createDirectories(folder.resolve("run"));
    Files.writeString(run.resolve("config.yaml"), "mine");
    Groklab groklab = article(experiment);
    assertThat(groklab.status()).isEqualTo(2);
    assertThat(groklab.err())
        .startsWith("groklab article " + experiment + ": --out: " + run + " holds an experiment");
    assertThat(run.resolve("config.yaml")).hasContent("mine");
  }

  @ParameterizedTest
  @CsvSource({"modular-mlp --epochs 1", "optimizers --epochs 1", "cartpole --episodes 1"})
  void anUnwritableFolderFails(String arguments) throws IOException {
    Files.writeString(folder.resolve("run"), "mine");
    Groklab groklab = article(arguments + " --hidden 4 --quiet");
    assertThat(groklab.status()).isEqualTo(1);
    assertThat(groklab.err().lines())
        .singleElement()
        .asString()
        .contains(folder.resolve("run").toString());
    assertThat(folder.resolve("run")).hasContent("mine");
  }

  @Test
  void helpExplainsTheExperiments() {
    assertThat(Groklab.run("article", "--help").out())
        .contains("modular-mlp", "optimizers", "cnn", "cartpole");
    for (String experiment : List.of("modular-mlp", "optimizers", "cnn", "cartpole")) {
      assertThat(Groklab.run("article", experiment, "--help").out())
          .contains("--hidden=N", "--out=DIR", "--overwrite", "--quiet", "--backend=NAME");
    }
  }
}
