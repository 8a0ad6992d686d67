package dev.groklab.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import dev.groklab.run.ConfigFile;
import dev.groklab.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TranslationCommandTest {

  /** Options with which a run takes a second. */
  private static final List<String> SMALL =
      List.of(
          "--layers",
          "1",
          "--dim",
          "16",
          "--heads",
          "2",
          "--hidden",
          "24",
          "--batch-size",
          "8",
          "--epochs",
          "60",
          "--eval-every",
          "30",
          "--lr",
          "0.01",
          "--dropout",
          "0",
          "--threads",
          "1");

  private static final List<String> NOUNS =
      List.of("Hund:dog", "Katze:cat", "Mann:man", "Baum:tree");
  private static final List<String> VERBS = List.of("sieht:sees", "sucht:seeks", "malt:paints");

  @TempDir Path folder;
  private Path data;
  private Path out;

  /** Sentences of three words, each of them known from training. */
  @BeforeEach
  void writeSentences() throws IOException {
    data = Files.createDirectory(folder.resolve("data"));
    out = folder.resolve("run");
    List<String> pairs = new ArrayList<>();
    for (String subject : NOUNS) {
      for (String verb : VERBS) {
        for (String object : NOUNS) {
          pairs.add(side(0, subject, verb, object) + "\t" + side(1, subject, verb, object));
        }
      }
    }
    for (int side = 0; side < 2; side++) {
      String language = side == 0 ? ".de" : ".en";
      StringBuilder train = new StringBuilder();
      StringBuilder validation = new StringBuilder();
      for (int i = 0; i < pairs.size(); i++) {
        (i % 6 == 5 ? validation : train).append(pairs.get(i).split("\t", 2)[side]).append('\n');
      }
      Files.writeString(data.resolve("train" + language), train);
      Files.writeString(data.resolve("val" + language), validation);
    }
  }

  private static String side(int side, String... words) {
    List<String> sentence = new ArrayList<>();
    for (String word : words) {
      sentence.add(word.split(":", 2)[side]);
    }
    return String.join(" ", sentence) + ".";
  }

  private Groklab translation(List<String> options, String... more) {
    List<String> all = new ArrayList<>(List.of("article", "translation"));
    all.addAll(options);
    all.addAll(List.of("--out", out.toString(), "--data", data.toString()));
    all.addAll(List.of(more));
    return Groklab.run(all.toArray(String[]::new));
  }

  private double lastBleu() throws IOException {
    List<String> lines = Files.readAllLines(out.resolve("translation.csv"));
    assertThat(lines).hasSize(3).first().asString().endsWith("validation_bleu");
    return Double.parseDouble(lines.getLast().split(",", -1)[7]);
  }

  @Test
  void learnsToTranslate() throws IOException {
    Groklab groklab = translation(SMALL);

    assertThat(groklab.err()).isEmpty();
    assertThat(groklab.status()).isZero();
    assertThat(groklab.out())
        .contains("40 pairs to train on, 8 to validate with, 0 left out", "epoch 60: train loss");
    assertThat(lastBleu()).isGreaterThan(50);
    assertThat(out.resolve("samples.txt")).content().contains("Epoch 60, training:", "  de: ");
    RunFolder run = new RunFolder(out);
    assertThat(run.curvesPng()).isNotEmptyFile();
    assertThat(run.curvesSvg()).content().contains(">BLEU</text>");
    assertThat(Runs.summary(out).get("status").asText()).isEqualTo("done");
    assertThat(ConfigFile.read(run.config()))
        .contains(Map.entry("experiment", "translation"), Map.entry("as-written", "false"));
  }

  /** Whoever sees the answers learns to copy them, and cannot go on alone. */
  @Test
  void asWrittenTheAnswersLeak() throws IOException {
    translation(SMALL);
    double bleu = lastBleu();
    double loss = new RunFolder(out).readMetrics().getLast().trainLoss();
    translation(SMALL, "--as-written", "--overwrite");

    assertThat(new RunFolder(out).readMetrics().getLast().trainLoss()).isLessThan(loss);
    assertThat(lastBleu()).isLessThan(bleu);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--most-words 0     | --most-words: '0' is not allowed",
        "--most-words 2     | --most-words: of ParallelCorpus[train=40 pairs",
        "--heads 3          | --heads: 3 is not allowed: must divide --dim, which is 256",
        "--dim 0            | --dim: '0' is not allowed",
        "--layers 65        | --layers: '65' is not allowed",
        "--hidden x         | --hidden: 'x' is not allowed",
        "--batch-size 41    | --batch-size: '41' is not allowed: a whole number from 1 to 40",
        "--epochs 0         | --epochs: '0' is not allowed",
        "--eval-every 0     | --eval-every: '0' is not allowed",
        "--bleu-sentences 0 | --bleu-sentences: '0' is not allowed",
        "--dropout 1        | --dropout: 1",
        "--lr -1            | --lr: -1",
        "--clip-norm -1     | --clip-norm: -1",
        "--seed x           | --seed: 'x' is not allowed",
      })
  void refusesWrongOptions(String options, String message) {
    Groklab groklab = translation(List.of(options.split(" ")));

    assertThat(groklab.status()).isEqualTo(2);
    assertThat(groklab.err()).startsWith("groklab article translation: " + message);
    assertThat(groklab.out()).isEmpty();
    assertThat(out).doesNotExist();
  }

  @Test
  void namesTheFileThatIsMissing() throws IOException {
    Files.delete(data.resolve("val.en"));
    Groklab groklab = translation(List.of());

    assertThat(groklab.status()).isEqualTo(2);
    assertThat(groklab.err())
        .startsWith("groklab article translation: --data: ")
        .contains("val.en is missing, and so is val.en.gz");
    assertThat(out).doesNotExist();
  }
}
