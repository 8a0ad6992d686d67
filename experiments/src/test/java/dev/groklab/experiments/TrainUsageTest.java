package dev.groklab.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Wrong options: status 2, one line that names the option, and nothing written. */
class TrainUsageTest {

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--task mul              | --task: 'mul' is not known; choose add or divide or",
        "--task s5               | --p: the task s5 has 120 elements; p cannot be 11",
        "--task divide --p 9     | --p: ",
        "--task divide --summands 3 | --summands: the task divide takes 2 operands",
        "--p 1                   | --p: 1 is not allowed: the modulus must be at least 2",
        "--p abc                 | --p: 'abc' is not allowed: a whole number is needed",
        "--summands 1            | --summands: 1 is not allowed",
        "--train-fraction 0      | --train-fraction: 0.0 is not allowed",
        "--train-fraction 1      | --train-fraction: 1.0 is not allowed",
        "--train-fraction 0.001  | --train-fraction: 0.001 is not allowed: of 121 rows",
        "--label-noise 2         | --label-noise: 2.0 is not allowed: must be from 0 to 1",
        "--model gpt             | --model: 'gpt' is not known; choose transformer or mlp or lstm",
        "--layers 0              | --layers: 0 is not allowed",
        "--dim 0                 | --dim: 0 is not allowed",
        "--heads 3               | --heads: 3 is not allowed: must divide the width, --dim 16",
        "--hidden 0              | --hidden: 0 is not allowed",
        "--dropout 1             | --dropout: 1.0 is not allowed",
        "--optimizer lion        | --optimizer: 'lion' is not known; choose adamw or adam or sgd",
        "--lr -0.1               | --lr: -0.1 is not allowed: must be at least 0",
        "--lr nan                | --lr: 'nan' is not allowed",
        "--beta1 1               | --beta1: 1.0 is not allowed",
        "--beta2 -1              | --beta2: -1.0 is not allowed",
        "--eps -1                | --eps: -1.0 is not allowed",
        "--momentum 0.9          | --momentum: 0.9 is not allowed: it belongs to sgd and rmsprop",
        "--optimizer sgd --nesterov | --nesterov: needs a --momentum above 0",
        "--nesterov              | --nesterov: is not allowed: it belongs to sgd, not to adamw",
        "--centered              | --centered: is not allowed: it belongs to rmsprop",
        "--centered maybe        | --centered: 'maybe' is not allowed: true or false",
        "--alpha 1               | --alpha: 1.0 is not allowed",
        "--clip-norm -1          | --clip-norm: -1.0 is not allowed",
        "--lr-schedule exp       | --lr-schedule: 'exp' is not allowed; choose step or constant",
        "--lr-decay-steps 0      | --lr-decay-steps: 0 is not allowed",
        "--lr-min -1             | --lr-min: -1.0 is not allowed",
        "--lr-warmup -1          | --lr-warmup: -1 is not allowed",
        "--weight-decay -1       | --weight-decay: -1.0 is not allowed",
        "--lr-decay-factor 0     | --lr-decay-factor: 0.0 is not allowed",
        "--lr-decay-every 0      | --lr-decay-every: 0 is not allowed",
        "--batch-size 61         | --batch-size: 61 is not allowed: the training split has 60",
        "--batch-size half       | --batch-size: 'half' is not allowed",
        "--steps 0               | --steps: 0 is not allowed",
        "--until bored           | --until: 'bored' is not allowed; choose none or grok",
        "--eval-every 0          | --eval-every: 0 is not allowed",
        "--eval-rows 0           | --eval-rows: 0 is not allowed",
        "--seed -1               | --seed: -1 is not allowed",
        "--split-seed x          | --split-seed: 'x' is not allowed",
        "--init-seed x           | --init-seed: 'x' is not allowed",
        "--batch-seed x          | --batch-seed: 'x' is not allowed",
        "--dropout-seed x        | --dropout-seed: 'x' is not allowed",
        "--label-seed x          | --label-seed: 'x' is not allowed",
        "--seeds 3               | --seeds: '3' is not allowed: A..B is needed",
        "--seeds 4..2            | --seeds: '4..2' is not allowed",
        "--seeds 0..1 --seed 3   | --seeds: cannot be given together with --seed",
        "--seeds 0..1 --replay . | --seeds: cannot be given together with --replay",
        "--backend tpu           | --backend: 'tpu' is not allowed; choose auto",
        "--threads 0             | --threads: 0 is not allowed",
        "--precision fp16        | --precision: 'fp16' is not allowed; choose fp32 or fp64",
        "--checkpoint-every 0    | --checkpoint-every: 0 is not allowed",
        "--config /nonexistent   | --config: /nonexistent: no such file or folder",
        "--config /              | --config: /: ",
        "--replay /nonexistent   | --replay: /nonexistent: is no folder",
        "--resume                | --resume: there is no run in ",
        "--resume --overwrite    | --overwrite: cannot be given together with --resume",
        "--trace-steps /         | --trace-steps: /: is there already",
        "--trace-steps /dev/null | --trace-steps: /dev/null: is there already",
      })
  void isRefused(String options, String message) throws IOException {
    Path out = folder.resolve("run");
    Groklab groklab = Groklab.tiny(out, options.split(" "));
    assertThat(groklab.status()).isEqualTo(2);
    assertThat(groklab.err().lines())
        .singleElement()
        .asString()
        .startsWith("groklab train: " + message);
    assertThat(groklab.out()).isEmpty();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void anUnavailableBackendFails() {
    Groklab groklab = Groklab.tiny(folder.resolve("run"), "--backend", "cuda");
    org.junit.jupiter.api.Assumptions.assumeTrue(groklab.status() != 0, "there is a GPU here");
    assertThat(groklab.status()).isEqualTo(1);
    assertThat(groklab.err().lines()).singleElement().asString().contains("cuda");
    assertThat(folder).isEmptyDirectory();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "stepz: 5         | 'stepz' is no setting; nearest: steps",
        "p: 1             | p: 1 is not allowed: the modulus must be at least 2",
        "p: [1, 2]        | p is no single value",
        "- p              | is no YAML map",
        "seeds: 5         | seeds: '5' is not allowed",
        "quiet: perhaps   | quiet: 'perhaps' is not allowed",
      })
  void badConfigFilesAreNamed(String text, String message) throws IOException {
    Path file = Files.writeString(folder.resolve("c.yaml"), text);
    Groklab groklab =
        Groklab.run(
            "train", "--config", file.toString(), "--out", folder.resolve("run").toString());
    assertThat(groklab.status()).isEqualTo(2);
    assertThat(groklab.err().lines())
        .singleElement()
        .asString()
        .startsWith("groklab train: --config: " + file + ": " + message);
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @Test
  void anOptionThatOverridesTheFileIsToBlameItself() throws IOException {
    Path file = Files.writeString(folder.resolve("c.yaml"), "p: 13\nheads: 4\n");
    Groklab groklab =
        Groklab.run("train", "--config", file.toString(), "--heads", "5", "--out", "nowhere");
    assertThat(groklab.err()).startsWith("groklab train: --heads: 5 is not allowed");
    assertThat(Path.of("nowhere")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"file/run", "/proc/groklab-run"})
  void anUnwritableFolderFails(String where) throws IOException {
    Files.writeString(folder.resolve("file"), "mine");
    Path out = folder.resolve(where);
    Groklab groklab = Groklab.tiny(out, "--steps", "5", "--quiet");
    assertThat(groklab.status()).isEqualTo(1);
    assertThat(groklab.err().lines()).singleElement().asString().contains(out.toString());
    assertThat(folder.resolve("file")).hasContent("mine");
  }

  @Test
  void aTraceThatCannotBeWrittenFails() {
    Path trace = folder.resolve("missing/losses.csv");
    Groklab groklab = Groklab.tiny(folder.resolve("run"), "--trace-steps", trace.toString());
    assertThat(groklab.status()).isEqualTo(1);
    assertThat(groklab.err())
        .isEqualToIgnoringNewLines("groklab train: " + trace + ": no such file or folder");
    assertThat(folder).isEmptyDirectory();
  }
}
