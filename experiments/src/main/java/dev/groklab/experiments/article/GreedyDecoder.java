package dev.groklab.experiments.article;

import dev.groklab.data.PairTable;
import dev.groklab.data.text.Vocabulary;
import dev.groklab.engine.Dataset;
import dev.groklab.engine.Trainer;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Translates word by word: the next word is always the likeliest after those so far. A causal model
 * is asked for all words at once, each after the words of the former guess, until nothing changes:
 * the first words that are right make the next ones right, so that in the end each is what it would
 * have been one by one (<a href="https://doi.org/10.18653/v1/2023.acl-long.689">Santilli et al.:
 * Accelerating transformer inference for translation via parallel decoding, ACL 2023</a>).
 */
final class GreedyDecoder {

  /** Sentences that are translated together. */
  private static final int ROOM = 64;

  private final Trainer trainer;
  private final Dataset dataset;
  private final PairTable table;
  private final boolean causal;

  /**
   * A decoder by replica 0 of a trainer.
   *
   * @param dataset the trainer's, made of {@link #withRoom}
   * @param table what that was made from
   * @param causal whether a place of the model's decoder sees none after it
   */
  GreedyDecoder(Trainer trainer, Dataset dataset, PairTable table, boolean causal) {
    this.trainer = trainer;
    this.dataset = dataset;
    this.table = table;
    this.causal = causal;
  }

  /** The table with rows at its end for what is being translated. */
  static PairTable withRoom(PairTable table) {
    int[] sources = Arrays.copyOf(table.sources(), table.sources().length + ROOM * width(table));
    int[] targets =
        Arrays.copyOf(table.targets(), table.targets().length + ROOM * (table.targetLength() + 1));
    for (int i = 0; i < ROOM; i++) { // any sentences, until there are others
      System.arraycopy(
          table.sources(), 0, sources, (table.rows() + i) * width(table), width(table));
      System.arraycopy(
          table.targets(),
          0,
          targets,
          (table.rows() + i) * (table.targetLength() + 1),
          table.targetLength() + 1);
    }
    return with(table, sources, targets);
  }

  private static int width(PairTable table) {
    return table.sourceLength();
  }

  private static PairTable with(PairTable table, int[] sources, int[] targets) {
    return new PairTable(
        table.sourceVocabulary(),
        table.sourceLength(),
        table.targetVocabulary(),
        table.targetLength(),
        sources,
        targets);
  }

  /**
   * Translates the sources of rows.
   *
   * @param rows numbers of rows of the table
   * @return for each the numbers of its words, from {@code <sos>} on; what follows the first {@code
   *     <eos>} means nothing
   */
  int[][] translate(int... rows) {
    int[][] translations = new int[rows.length][];
    for (int begin = 0; begin < rows.length; begin += ROOM) {
      int[] some = Arrays.copyOfRange(rows, begin, Math.min(begin + ROOM, rows.length));
      System.arraycopy(translateTogether(some), 0, translations, begin, some.length);
    }
    return translations;
  }

  private int[][] translateTogether(int[] rows) {
    int length = table.targetLength();
    int[][] words = new int[rows.length][length + 1];
    for (int[] sentence : words) {
      Arrays.fill(sentence, Vocabulary.EOS);
      sentence[0] = Vocabulary.SOS;
    }
    boolean changed = true;
    for (int known = 0; known < length && changed; known++) {
      int asked = causal ? length : known + 1;
      double[][] logits = logits(rows, words, asked);
      changed = false;
      for (int i = 0; i < rows.length; i++) {
        changed |= guess(words[i], logits[i], known, asked);
      }
    }
    return words;
  }

  /**
   * Takes the likeliest words at the places {@code known} … {@code asked} − 1 of a sentence, up to
   * its end.
   *
   * @return whether there is more to ask about it
   */
  private boolean guess(int[] words, double[] logits, int known, int asked) {
    for (int u = 0; u < known; u++) {
      if (words[u + 1] == Vocabulary.EOS) {
        return false;
      }
    }
    boolean changed = false;
    for (int u = known; u < asked; u++) {
      int likeliest = likeliest(logits, u * table.targetVocabulary());
      changed |= words[u + 1] != likeliest;
      words[u + 1] = likeliest;
      if (likeliest == Vocabulary.EOS) {
        return causal && changed;
      }
    }
    return !causal || changed;
  }

  private int likeliest(double[] logits, int from) {
    int best = 0;
    for (int word = 1; word < table.targetVocabulary(); word++) {
      if (logits[from + word] > logits[from + best]) {
        best = word;
      }
    }
    return best;
  }

  /** Logits of what comes after each of the first {@code asked} words. */
  private double[][] logits(int[] rows, int[][] words, int asked) {
    int columns = table.targetLength() + 1;
    int[] sources = new int[rows.length * width(table)];
    int[] targets = new int[rows.length * columns];
    Arrays.fill(targets, -1);
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(
          table.sources(), rows[i] * width(table), sources, i * width(table), width(table));
      System.arraycopy(words[i], 0, targets, i * columns, asked + 1);
    }
    dataset.write(table.rows(), with(table, sources, targets));
    return trainer.logits(0, IntStream.range(table.rows(), table.rows() + rows.length).toArray());
  }
}
