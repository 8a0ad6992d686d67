package dev.groklab.data.text;

import dev.groklab.data.PairTable;
import dev.groklab.data.Split;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * A corpus in numbers: the training pairs, then the validation pairs, as rows of a table. Every
 * sentence is encoded with {@code <sos>} before and {@code <eos>} behind it. Both lengths of the
 * table are those of the longest sentence of its language.
 *
 * @param sourceVocabulary words of the training sources
 * @param targetVocabulary words of the training targets
 * @param table the rows
 * @param split the rows' numbers: those to train on come first
 * @param sources the words of each row's source
 * @param references the words of each row's target
 * @param dropped pairs that were left out for their length
 */
public record EncodedCorpus(
    Vocabulary sourceVocabulary,
    Vocabulary targetVocabulary,
    PairTable table,
    Split split,
    List<List<String>> sources,
    List<List<String>> references,
    int dropped) {

  /** How often a word must come in the training sentences to be in the vocabulary. */
  public static final int LEAST_COUNT = 2;

  /** Copies the lists, and refuses null. */
  public EncodedCorpus {
    Objects.requireNonNull(sourceVocabulary, "sourceVocabulary");
    Objects.requireNonNull(targetVocabulary, "targetVocabulary");
    Objects.requireNonNull(table, "table");
    Objects.requireNonNull(split, "split");
    sources = List.copyOf(sources);
    references = List.copyOf(references);
  }

  private record Words(List<String> source, List<String> target) {}

  /**
   * Encodes a corpus. Pairs with a sentence of more than {@code mostWords} words, or of none, are
   * left out: a sentence that is cut off is no translation. Words that come at least {@link
   * #LEAST_COUNT} times in the training pairs that are left are known.
   *
   * @param corpus the corpus
   * @param mostWords words of the longest sentence that is kept, at least 1
   * @return the encoded corpus
   * @throws IllegalArgumentException if {@code mostWords} is below 1, or no pair is left to train
   *     on or to validate with
   */
  public static EncodedCorpus of(ParallelCorpus corpus, int mostWords) {
    if (mostWords < 1) {
      throw new IllegalArgumentException(
          "sentences of up to " + mostWords + " words are to be kept; at least 1 is allowed");
    }
    List<Words> train = kept(corpus.train(), mostWords);
    List<Words> validation = kept(corpus.validation(), mostWords);
    if (train.isEmpty() || validation.isEmpty()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "of %s, %d training and %d validation pairs have up to %d words; both need at least"
                  + " one",
              corpus,
              train.size(),
              validation.size(),
              mostWords));
    }
    Vocabulary sources = Vocabulary.of(train.stream().map(Words::source).toList(), LEAST_COUNT);
    Vocabulary targets = Vocabulary.of(train.stream().map(Words::target).toList(), LEAST_COUNT);
    List<Words> rows = new ArrayList<>(train);
    rows.addAll(validation);
    int sourceLength = longest(rows, Words::source) + 2;
    int targetLength = longest(rows, Words::target) + 1;
    return new EncodedCorpus(
        sources,
        targets,
        new PairTable(
            sources.size(),
            sourceLength,
            targets.size(),
            targetLength,
            encode(rows, Words::source, sources, sourceLength),
            encode(rows, Words::target, targets, targetLength + 1)),
        new Split(
            IntStream.range(0, train.size()).toArray(),
            IntStream.range(train.size(), rows.size()).toArray()),
        rows.stream().map(Words::source).toList(),
        rows.stream().map(Words::target).toList(),
        corpus.train().size() + corpus.validation().size() - rows.size());
  }

  private static List<Words> kept(List<SentencePair> pairs, int mostWords) {
    return pairs.stream()
        .map(pair -> new Words(Tokenizer.words(pair.source()), Tokenizer.words(pair.target())))
        .filter(
            words ->
                fits(words.source().size(), mostWords) && fits(words.target().size(), mostWords))
        .toList();
  }

  private static boolean fits(int words, int mostWords) {
    return words >= 1 && words <= mostWords;
  }

  private static int longest(List<Words> rows, Function<Words, List<String>> side) {
    return rows.stream().mapToInt(row -> side.apply(row).size()).max().orElseThrow();
  }

  private static int[] encode(
      List<Words> rows, Function<Words, List<String>> side, Vocabulary vocabulary, int length) {
    int[] tokens = new int[Math.multiplyExact(rows.size(), length)];
    Arrays.fill(tokens, -1);
    for (int row = 0; row < rows.size(); row++) {
      int[] sentence = vocabulary.encode(side.apply(rows.get(row)));
      System.arraycopy(sentence, 0, tokens, row * length, sentence.length);
    }
    return tokens;
  }
}
