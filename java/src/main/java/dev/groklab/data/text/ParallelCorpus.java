package dev.groklab.data.text;

import dev.groklab.data.Split;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Sentences in German and English, divided into those to train on and those to validate with.
 *
 * @param train the training pairs
 * @param validation the validation pairs
 */
public record ParallelCorpus(List<SentencePair> train, List<SentencePair> validation) {

  private static final double TRAIN_FRACTION = 0.9;

  /** Keeps copies. */
  public ParallelCorpus {
    train = List.copyOf(train);
    validation = List.copyOf(validation);
  }

  /**
   * Reads plain parallel text, as of Multi30k: the files {@code train.de}, {@code train.en}, {@code
   * val.de} and {@code val.en}, in UTF-8, one sentence a line; each may be there as {@code .gz}
   * instead.
   *
   * @param folder where they lie
   * @return the corpus
   * @throws IOException if a file is missing, cannot be read, is not UTF-8 (the message has the
   *     line), or has another number of lines than its translation
   * @see <a href="https://github.com/multi30k/dataset">Elliott, Frank, Sima'an, Specia: Multi30K:
   *     multilingual English–German image descriptions (VL 2016)</a>
   */
  public static ParallelCorpus ofFiles(Path folder) throws IOException {
    return new ParallelCorpus(
        ParallelFiles.read(folder, "train"), ParallelFiles.read(folder, "val"));
  }

  /**
   * Messages of the JDK that runs this program: of its compiler, tools and libraries, each of one
   * line and with other words in German than in English; of several with the same German words the
   * first. ⌊0.9 · pairs⌋ of them, in random order, train. JDK 25.0.3 gives 5,108 pairs.
   *
   * @param seed what the split depends on
   * @return the corpus
   * @throws IOException if the JDK's image cannot be read
   */
  public static ParallelCorpus ofJdk(long seed) throws IOException {
    List<SentencePair> pairs = JdkMessages.read();
    Split split = Split.random(pairs.size(), TRAIN_FRACTION, seed);
    return new ParallelCorpus(
        Arrays.stream(split.train()).mapToObj(pairs::get).toList(),
        Arrays.stream(split.validation()).mapToObj(pairs::get).toList());
  }

  /** The sizes; thousands of sentences would help nobody. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "ParallelCorpus[train=%d pairs, validation=%d pairs]",
        train.size(),
        validation.size());
  }
}
