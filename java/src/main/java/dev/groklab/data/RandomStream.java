package dev.groklab.data;

/**
 * A stream of random numbers that is fixed by (seed, purpose, index): {@link Philox} keyed by the
 * seed, with the counter {@code [block, index low, index high, purpose]}.
 */
public final class RandomStream {

  /** What a stream is for, so that equal seeds used for different things do not meet. */
  public enum Purpose {
    /** The permutation that a split is cut from. */
    SPLIT('S' << 24 | 'P' << 16 | 'L' << 8 | 'T'),
    /** The order of the training rows in the epoch {@code index}. */
    EPOCH('E' << 24 | 'P' << 16 | 'O' << 8 | 'C'),
    /** The rows of split {@code index} that are evaluated. */
    EVALUATION('E' << 24 | 'V' << 16 | 'A' << 8 | 'L'),
    /** The training rows that get a random label. */
    NOISE('N' << 24 | 'O' << 16 | 'I' << 8 | 'S'),
    /** The random labels. */
    LABELS('L' << 24 | 'A' << 16 | 'B' << 8 | 'L'),
    /** Permutations of a permutation test. */
    PERMUTATION('P' << 24 | 'E' << 16 | 'R' << 8 | 'M'),
    /** The samples of a bootstrap. */
    BOOTSTRAP('B' << 24 | 'O' << 16 | 'O' << 8 | 'T'),
    /** The pairs of integers that a data set is made of. */
    SAMPLES('S' << 24 | 'A' << 16 | 'M' << 8 | 'P'),
    /** The drawn image {@code index}. */
    IMAGE('I' << 24 | 'M' << 16 | 'A' << 8 | 'G'),
    /** Which rows of the batch of step {@code index} are flipped. */
    FLIP('F' << 24 | 'L' << 16 | 'I' << 8 | 'P'),
    /** The state in which episode {@code index} begins. */
    EPISODE('E' << 24 | 'P' << 16 | 'I' << 8 | 'S'),
    /** The actions of episode {@code index}. */
    ACTION('A' << 24 | 'C' << 16 | 'T' << 8 | 'N');

    private final int word;

    Purpose(int word) {
      this.word = word;
    }
  }

  private static final int BLOCK_WORDS = 4;

  private final long seed;
  private final Purpose purpose;
  private final long index;
  private final int[] words = new int[BLOCK_WORDS];
  private int used = BLOCK_WORDS;
  private int nextBlock;

  /**
   * The stream from its beginning.
   *
   * @param seed the seed
   * @param purpose what it is for
   * @param index which of the streams of this seed and purpose
   */
  public RandomStream(long seed, Purpose purpose, long index) {
    this.seed = seed;
    this.purpose = purpose;
    this.index = index;
  }

  /** 32 uniform random bits. */
  private int nextWord() {
    if (used == BLOCK_WORDS) {
      Philox.block(nextBlock++, (int) index, (int) (index >>> 32), purpose.word, seed, words);
      used = 0;
    }
    return words[used++];
  }

  /**
   * A uniform number in 0 … bound−1 without bias: Lemire, "Fast random integer generation in an
   * interval" (ACM TOMACS 2019), algorithm 5 on 32-bit words.
   *
   * @param bound the bound, at least 1
   * @return the number
   */
  public int below(int bound) {
    long product = product(nextWord(), bound);
    if (Integer.compareUnsigned((int) product, bound) < 0) {
      int threshold = Integer.remainderUnsigned(-bound, bound);
      while (Integer.compareUnsigned((int) product, threshold) < 0) {
        product = product(nextWord(), bound);
      }
    }
    return (int) (product >>> 32);
  }

  /**
   * A uniform number in [0, 1): k · 2⁻⁵³, where k has its high 27 bits from one word and its low 26
   * from the next.
   *
   * @return the number
   */
  public double uniform() {
    int high = nextWord() >>> 5;
    int low = nextWord() >>> 6;
    return ((long) high << 26 | low) * 0x1p-53;
  }

  private static long product(int word, int bound) {
    return Integer.toUnsignedLong(word) * bound;
  }

  /**
   * Fisher–Yates: every order of the values is equally likely.
   *
   * @param values the values, reordered in place
   */
  public void shuffle(int[] values) {
    for (int last = values.length - 1; last > 0; last--) {
      int chosen = below(last + 1);
      int value = values[chosen];
      values[chosen] = values[last];
      values[last] = value;
    }
  }
}
