package dev.groklab.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import dev.groklab.run.ConfigFile;
import dev.groklab.run.RunConfig;
import dev.groklab.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainCommandTest {

  @TempDir Path folder;

  @Test
  void leavesAWholeRunFolderAndSaysSo() throws IOException {
    Path out = folder.resolve("run");
    Groklab groklab = Groklab.tiny(out, "--steps", "20");
    assertThat(groklab.err()).isEmpty();
    assertThat(groklab.status()).isZero();
    assertThat(groklab.out())
        .contains("training add-p11-k2-a0.5-transformer-adamw-s0 on cpu", "done at step 20");
    Runs.assertValid(out, "done");
    assertThat(new RunFolder(out).metrics())
        .content()
        .startsWith(
            "step,epoch,train_loss,train_accuracy,val_loss,val_accuracy,learning_rate,weight_norm,"
                + "seconds,gradient_norm,logit_scale,softmax_collapse,embedding_rank,")
        .contains("\n7,1.75,");
    assertThat(Runs.summary(out).fieldNames())
        .toIterable()
        .contains(
            "status",
            "final",
            "step_train_99",
            "step_val_99",
            "grokking_delay",
            "steps_per_second",
            "wall_seconds");
  }

  /** Every setting reaches the run: it is recorded, and the run is made. Others may go with it. */
  @ParameterizedTest
  @CsvSource({
    "task, add",
    "task, divide",
    "task, x3_plus_xy2_plus_y",
    "task, s5_conjugate --p 120 --train-fraction 0.01",
    "p, 7",
    "summands, 3",
    "train-fraction, 0.7",
    "label-noise, 0.25",
    "label-noise, 1.0",
    "model, transformer",
    "model, mlp",
    "model, lstm",
    "layers, 2",
    "dim, 8",
    "heads, 4",
    "hidden, 24",
    "dropout, 0.1",
    "optimizer, adamw",
    "optimizer, adam",
    "optimizer, sgd",
    "optimizer, rmsprop",
    "lr, 0.01",
    "beta1, 0.8",
    "beta2, 0.99",
    "eps, 0.000001",
    "momentum, 0.0",
    "momentum, 0.9 --optimizer sgd",
    "momentum, 0.5 --optimizer rmsprop",
    "nesterov, true --optimizer sgd --momentum 0.9",
    "alpha, 0.9 --optimizer rmsprop",
    "centered, true --optimizer rmsprop",
    "weight-decay, 0.1",
    "clip-norm, 0.5",
    "lr-schedule, constant",
    "lr-schedule, cosine",
    "lr-decay-steps, 2 --lr-schedule cosine",
    "lr-min, 0.0001 --lr-schedule cosine",
    "lr-warmup, 2",
    "lr-decay-factor, 0.5",
    "lr-decay-every, 2",
    "batch-size, full",
    "batch-size, 5",
    "steps, 4",
    "until, grok",
    "eval-every, 1",
    "eval-rows, 3",
    "seed, 5",
    "split-seed, 5",
    "init-seed, 5",
    "batch-seed, 5",
    "dropout-seed, 5",
    "label-seed, 5 --label-noise 0.5",
    "backend, cpu",
    "backend, naive",
    "backend, check",
    "threads, 2",
    "precision, fp64",
    "checkpoint-every, 2",
  })
  void everyOptionWorks(String key, String valueAndOthers) throws IOException {
    Path out = folder.resolve("run");
    List<String> options = new ArrayList<>(List.of("--" + key));
    options.addAll(List.of(valueAndOthers.split(" ", -1)));
    String value = options.get(1);
    if (!key.equals("steps")) {
      options.addAll(List.of("--steps", "3"));
    }
    Groklab groklab = Groklab.tiny(out, options.toArray(String[]::new));
    assertThat(groklab.err()).isEmpty();
    assertThat(groklab.status()).isZero();
    Runs.assertValid(out, "done");
    RunConfig config = RunConfig.of(ConfigFile.read(new RunFolder(out).config()));
    assertThat(config.toMap().get(key)).hasToString(value);
  }

  /** A flag's name alone means true. */
  @Test
  void flagsNeedNoValue() throws IOException {
    Path out = folder.resolve("run");
    Groklab groklab =
        Groklab.tiny(out, "--optimizer", "sgd", "--momentum", "0.9", "--nesterov", "--steps", "3");
    assertThat(groklab.status()).isZero();
    assertThat(RunConfig.of(ConfigFile.read(new RunFolder(out).config())).nesterov()).isTrue();
  }

  /** An option without effect is allowed, and said to be one. */
  @Test
  void optionsThatChangeNothingAreNoted() throws IOException {
    String[] common = {"--model", "mlp", "--optimizer", "sgd", "--steps", "3"};
    Groklab plain = Groklab.tiny(folder.resolve("plain"), common);
    List<String> more = new ArrayList<>(List.of(common));
    more.addAll(List.of("--beta1", "0.5", "--heads", "3"));
    Groklab noted = Groklab.tiny(folder.resolve("noted"), more.toArray(String[]::new));
    assertThat(noted.status()).isZero();
    assertThat(noted.out())
        .contains(
            "--beta1 changes nothing: this run does not depend on it",
            "--heads changes nothing: this run does not depend on it");
    assertThat(plain.out()).doesNotContain("--beta1 changes nothing");
    assertThat(new RunFolder(folder.resolve("noted")).finalWeights())
        .hasSameBinaryContentAs(new RunFolder(folder.resolve("plain")).finalWeights());
  }

  @Test
  void quietMeansSilence() {
    Groklab groklab = Groklab.tiny(folder.resolve("run"), "--steps", "8", "--quiet");
    assertThat(groklab).isEqualTo(new Groklab(0, "", ""));
  }

  @Test
  void anExistingRunIsNotTouchedUnlessAsked() throws IOException {
    Path out = folder.resolve("run");
    Groklab.tiny(out, "--steps", "8");
    byte[] metrics = Files.readAllBytes(new RunFolder(out).metrics());
    Groklab refused = Groklab.tiny(out, "--steps", "15");
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).startsWith("groklab train: --out: " + out + " holds a run already");
    assertThat(new RunFolder(out).metrics()).hasBinaryContent(metrics);

    Files.writeString(out.resolve("notes.txt"), "mine");
    assertThat(Groklab.tiny(out, "--steps", "15", "--p", "1", "--overwrite").status()).isEqualTo(2);
    assertThat(new RunFolder(out).metrics()).hasBinaryContent(metrics);
    assertThat(Groklab.tiny(out, "--steps", "15", "--overwrite").status()).isZero();
    assertThat(new RunFolder(out).readMetrics()).hasSize(3);
    assertThat(out.resolve("notes.txt")).hasContent("mine");
  }

  @Test
  void seedsTrainTogetherAsTheyWouldAlone() throws IOException {
    Path all = folder.resolve("all");
    Path trace = folder.resolve("losses.csv");
    Groklab groklab =
        Groklab.tiny(all, "--steps", "20", "--seeds", "3..5", "--trace-steps", trace.toString());
    assertThat(groklab.err()).isEmpty();
    assertThat(groklab.out()).contains("seed 3: done", "seed 4: done", "seed 5: done");
    for (int seed = 3; seed <= 5; seed++) {
      Path alone = folder.resolve("alone-" + seed);
      Path aloneTrace = folder.resolve("alone-" + seed + ".csv");
      Groklab.tiny(
          alone, "--steps", "20", "--seed", "" + seed, "--trace-steps", aloneTrace.toString());
      Path together = all.resolve("seed-" + seed);
      Runs.assertValid(together, "done");
      Runs.assertSame(together, alone);
      assertThat(folder.resolve("losses-seed-" + seed + ".csv"))
          .hasSameTextualContentAs(aloneTrace);
      assertThat(new RunFolder(together).curvesSvg())
          .hasSameBinaryContentAs(new RunFolder(alone).curvesSvg());
    }
  }

  @Test
  void seedsCanBeResumedAndExtended() throws IOException {
    Path whole = folder.resolve("whole");
    Path broken = folder.resolve("broken");
    Groklab.tiny(whole, "--steps", "30", "--seeds", "0..1");
    Groklab.tiny(broken, "--steps", "17", "--seeds", "0..1");
    Groklab.run("train", "--resume", "--out", broken.toString(), "--steps", "30");
    for (int seed = 0; seed <= 1; seed++) {
      Runs.assertSame(broken.resolve("seed-" + seed), whole.resolve("seed-" + seed));
    }
    Groklab other = Groklab.run("train", "--resume", "--out", broken.toString(), "--seeds", "0..2");
    assertThat(other.status()).isEqualTo(2);
    assertThat(other.err()).contains("--seeds: 0..2 is not allowed", "has the seeds 0..1");
    assertThat(Groklab.tiny(broken, "--steps", "30").err()).contains("holds a run already");
  }

  @Test
  void resumeTakesTheFoldersSettings() throws IOException {
    Path whole = folder.resolve("whole");
    Path broken = folder.resolve("broken");
    Path trace = folder.resolve("b.csv");
    Groklab.tiny(whole, "--steps", "40", "--trace-steps", folder.resolve("a.csv").toString());
    Groklab.tiny(broken, "--steps", "23", "--trace-steps", trace.toString());
    Groklab resumed =
        Groklab.run(
            "train",
            "--resume",
            "--out",
            broken.toString(),
            "--steps",
            "40",
            "--threads",
            "2",
            "--checkpoint-every",
            "7",
            "--trace-steps",
            trace.toString());
    assertThat(resumed.err()).isEmpty();
    assertThat(resumed.out()).contains("resuming after step 23");
    Runs.assertSame(broken, whole);
    assertThat(trace).hasSameTextualContentAs(folder.resolve("a.csv"));
    assertThat(trace).content().startsWith("step,batch_loss\n1,").contains("\n40,");
  }

  @Test
  void resumeOfAnEndedRunSaysSo() {
    Path out = folder.resolve("run");
    Groklab.tiny(out, "--steps", "8");
    Groklab again = Groklab.run("train", "--resume", "--out", out.toString());
    assertThat(again.status()).isZero();
    assertThat(again.out()).contains("the run has ended already");
  }

  @ParameterizedTest
  @CsvSource({
    "--lr, 0.1, 0.001",
    "--seed, 3, 0",
    "--p, 13, 11",
    "--dim, 32, 16",
    "--precision, fp64, fp32",
    "--eval-every, 5, 7",
    "--batch-size, full, 16",
    "--backend, naive, auto",
  })
  void resumeRefusesOtherMathematics(String option, String value, String old) throws IOException {
    Path out = folder.resolve("run");
    Groklab.tiny(out, "--steps", "8");
    byte[] metrics = Files.readAllBytes(new RunFolder(out).metrics());
    Groklab groklab =
        Groklab.run("train", "--resume", "--out", out.toString(), option, value, "--steps", "20");
    assertThat(groklab.status()).isEqualTo(2);
    assertThat(groklab.err())
        .startsWith("groklab train: " + option + ": " + value + " is not allowed: the run in")
        .contains("begun with " + old);
    assertThat(new RunFolder(out).metrics()).hasBinaryContent(metrics);
  }

  @Test
  void aRunFoldersConfigRepeatsIt() throws IOException {
    Path first = folder.resolve("first");
    Path second = folder.resolve("second");
    Groklab.tiny(first, "--steps", "15", "--seed", "4");
    String config = new RunFolder(first).config().toString();
    Groklab.run("train", "--config", config, "--out", second.toString());
    Runs.assertSame(second, first);

    Path other = folder.resolve("other");
    Groklab.run(
        "train", "--config", config, "--seed", "5", "--dim", "8", "--out", other.toString());
    RunConfig changed = RunConfig.of(ConfigFile.read(new RunFolder(other).config()));
    assertThat(changed.initSeed()).isEqualTo(5); // what followed the seed and the width follows on
    assertThat(changed.splitSeed()).isEqualTo(5);
    assertThat(changed.hidden()).isEqualTo(32);

    Path seeds = folder.resolve("seeds");
    Groklab.run("train", "--config", config, "--seeds", "4..5", "--out", seeds.toString());
    Runs.assertSame(seeds.resolve("seed-4"), first);
  }

  @Test
  void aHandWrittenConfigMayHoldEveryOption() throws IOException {
    Path out = folder.resolve("run");
    Path file = folder.resolve("c.yaml");
    Files.writeString(
        file,
        String.join(
            "\n",
            "# a sweep of two",
            "p: 7",
            "dim: 16",
            "batch-size: full",
            "steps: 5",
            "split-seed: 0",
            "seeds: 1..2",
            "quiet: true",
            "out: " + out,
            ""));
    Groklab groklab = Groklab.run("train", "--config", file.toString());
    assertThat(groklab).isEqualTo(new Groklab(0, "", ""));
    RunConfig config = RunConfig.of(ConfigFile.read(new RunFolder(out).seed(2).config()));
    assertThat(config.splitSeed()).isZero();
    assertThat(config.initSeed()).isEqualTo(2);
  }

  @Test
  void divergenceIsToldAndRecorded() throws IOException {
    Path out = folder.resolve("run");
    Groklab groklab = Groklab.tiny(out, "--steps", "30", "--lr", "1e30");
    assertThat(groklab.status()).isZero();
    assertThat(groklab.out()).contains("diverged at step 7");
    Runs.assertValid(out, "diverged");
    assertThat(Runs.summary(out).get("final").get("train_loss").isNull()).isTrue();
    assertThat(Groklab.run("train", "--resume", "--out", out.toString(), "--steps", "90").out())
        .contains("has ended already");
  }

  @Test
  void defaultFoldersAreNamedAfterTheRunAndNumbered() throws Exception {
    for (String name : List.of("", "-2", "-3")) {
      assertThat(GroklabProcess.start(folder, Map.of(), Groklab.TINY, "--steps", "3").waitFor())
          .isZero();
      Runs.assertValid(folder.resolve("runs/add-p11-k2-a0.5-transformer-adamw-s0" + name), "done");
    }
    Process resume =
        GroklabProcess.start(folder, Map.of(), Groklab.TINY, "--steps", "5", "--resume");
    assertThat(resume.waitFor()).isZero();
    assertThat(
            Runs.summary(folder.resolve("runs/add-p11-k2-a0.5-transformer-adamw-s0-3"))
                .get("steps")
                .asInt())
        .isEqualTo(5);
  }
}
