package dev.groklab.data;

/**
 * Philox4x32-10, a counter-based random number generator: a block of 128 random bits is a function
 * of a 128-bit counter and a 64-bit key, so any part of a random stream can be had without what
 * came before. The engine draws weights and dropout masks by the same function.
 *
 * @see <a href="https://doi.org/10.1145/2063384.2063405">Salmon, Moraes, Dror, Shaw: Parallel
 *     random numbers: as easy as 1, 2, 3 (SC 2011)</a>
 */
public final class Philox {

  private static final int ROUNDS = 10;
  private static final int MULTIPLIER_0 = 0xD2511F53;
  private static final int MULTIPLIER_1 = 0xCD9E8D57;
  private static final int WEYL_0 = 0x9E3779B9; // golden ratio
  private static final int WEYL_1 = 0xBB67AE85; // sqrt(3) − 1

  private Philox() {}

  /**
   * Computes one block.
   *
   * @param c0 word 0 of the counter
   * @param c1 word 1 of the counter
   * @param c2 word 2 of the counter
   * @param c3 word 3 of the counter
   * @param key the key: its low 32 bits are word 0, its high 32 bits word 1
   * @param out receives the four words of the block
   * @throws IllegalArgumentException if {@code out} does not have 4 elements
   */
  public static void block(int c0, int c1, int c2, int c3, long key, int[] out) {
    if (out.length != 4) {
      throw new IllegalArgumentException(
          "a Philox block has 4 words, the array given has " + out.length);
    }
    int k0 = (int) key;
    int k1 = (int) (key >>> 32);
    for (int round = 0; round < ROUNDS; round++) {
      long product0 = unsignedProduct(MULTIPLIER_0, c0);
      long product1 = unsignedProduct(MULTIPLIER_1, c2);
      c0 = high(product1) ^ c1 ^ k0;
      c1 = (int) product1;
      c2 = high(product0) ^ c3 ^ k1;
      c3 = (int) product0;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
  }

  private static long unsignedProduct(int a, int b) {
    return Integer.toUnsignedLong(a) * Integer.toUnsignedLong(b);
  }

  private static int high(long product) {
    return (int) (product >>> 32);
  }
}
