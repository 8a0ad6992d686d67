package dev.groklab.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParallelCorpusTest {

  @TempDir Path folder;

  private void write(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
  }

  private void compress(String name, String text) throws IOException {
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(folder.resolve(name)))) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private void writeAll() throws IOException {
    write("train.de", "Ein Hund.\nZwei Männer.\n");
    compress("train.en.gz", "A dog.\r\nTwo men.");
    compress("val.de.gz", "Eine Katze.\n");
    write("val.en", "A cat.\n");
  }

  @Test
  void readsPlainAndCompressedFiles() throws IOException {
    writeAll();

    ParallelCorpus corpus = ParallelCorpus.ofFiles(folder);

    assertThat(corpus.train())
        .containsExactly(
            new SentencePair("Ein Hund.", "A dog."), new SentencePair("Zwei Männer.", "Two men."));
    assertThat(corpus.validation()).containsExactly(new SentencePair("Eine Katze.", "A cat."));
    assertThat(corpus).hasToString("ParallelCorpus[train=2 pairs, validation=1 pairs]");
  }

  @Test
  void namesTheFileThatIsMissing() throws IOException {
    writeAll();
    Files.delete(folder.resolve("val.en"));

    assertThatThrownBy(() -> ParallelCorpus.ofFiles(folder))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessage(
            "%s is missing, and so is val.en.gz; train.de, train.en, val.de and val.en are needed",
            folder.resolve("val.en"));
  }

  @Test
  void refusesFilesThatAreNotParallel() throws IOException {
    writeAll();
    write("train.de", "Ein Hund.\n");

    assertThatThrownBy(() -> ParallelCorpus.ofFiles(folder))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "%s has 1 lines, but %s has 2; line n of one must translate line n of the other",
            folder.resolve("train.de"), folder.resolve("train.en.gz"));
  }

  @Test
  void namesTheLineThatIsNotUtf8() throws IOException {
    writeAll();
    Files.write(
        folder.resolve("train.de"),
        "Ein Hund.\nZwei Männer.\n".getBytes(StandardCharsets.ISO_8859_1));

    assertThatThrownBy(() -> ParallelCorpus.ofFiles(folder))
        .isInstanceOf(IOException.class)
        .hasMessage("%s, line 2: not UTF-8", folder.resolve("train.de"));
  }

  @Test
  void refusesABrokenGzipFile() throws IOException {
    writeAll();
    Path file = folder.resolve("val.de.gz");
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 9));

    assertThatThrownBy(() -> ParallelCorpus.ofFiles(folder))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(file + ": not a whole gzip file: ");

    Files.writeString(file, "Eine Katze.\n");
    assertThatThrownBy(() -> ParallelCorpus.ofFiles(folder))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(file + ": not a whole gzip file: ");
  }

  @Test
  void jdkGivesThousandsOfRealTranslations() throws IOException {
    ParallelCorpus corpus = ParallelCorpus.ofJdk(0);

    int all = corpus.train().size() + corpus.validation().size();
    assertThat(all).isGreaterThan(3000);
    assertThat(corpus.train()).hasSize(all * 9 / 10);
    assertThat(Stream.concat(corpus.train().stream(), corpus.validation().stream()))
        .contains(
            new SentencePair(
                "{0} ist abstrakt, kann nicht instanziiert werden",
                "{0} is abstract; cannot be instantiated"))
        .allMatch(pair -> pair.source().lines().count() == 1 && pair.target().lines().count() == 1);
  }

  @Test
  void noSentenceOfTheJdkIsOnBothSides() throws IOException {
    ParallelCorpus corpus = ParallelCorpus.ofJdk(0);
    Set<List<String>> train = new HashSet<>();
    corpus.train().forEach(pair -> train.add(Tokenizer.words(pair.source())));

    assertThat(train).hasSameSizeAs(corpus.train());
    assertThat(corpus.validation())
        .noneMatch(pair -> train.contains(Tokenizer.words(pair.source())));
  }

  @Test
  void seedDecidesTheSplitOfTheJdk() throws IOException {
    assertThat(ParallelCorpus.ofJdk(1)).isEqualTo(ParallelCorpus.ofJdk(1));
    assertThat(ParallelCorpus.ofJdk(1).validation())
        .isNotEqualTo(ParallelCorpus.ofJdk(2).validation());
  }

  @Test
  void showsMessagesAsTheyAreShown() {
    assertThat(JdkMessages.clean("  can''t read ''{0}'' \n")).isEqualTo("can't read '{0}'");
    assertThat(JdkMessages.clean("'{' or '}' expected")).isEqualTo("{ or } expected");
    assertThat(JdkMessages.clean("{0,number,0.0} of {1}")).isEqualTo("{0} of {1}");
    assertThat(JdkMessages.clean("Don't")).isEqualTo("Don't");
  }
}
