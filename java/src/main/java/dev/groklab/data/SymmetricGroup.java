package dev.groklab.data;

import java.util.Arrays;

/**
 * The symmetric group S_n: all permutations of 0 … n−1, numbered from 0 in lexicographic order of
 * their one-line notation {@code x(0) x(1) … x(n−1)}, so that 0 is the identity. Products compose
 * from right to left, {@code (x∘y)(i) = x(y(i))}. (The code of Power et al., openai/grok, composes
 * from left to right: its tables are the ones here with every element renamed to its inverse.)
 */
public final class SymmetricGroup {

  /** The pairs of 8! elements are too many for a table. */
  private static final int MOST_POINTS = 7;

  private final int degree;
  private final int[][] permutations;

  /**
   * Lists the elements.
   *
   * @param degree n, 2 … 7
   * @throws IllegalArgumentException if n is outside what is allowed
   */
  public SymmetricGroup(int degree) {
    if (degree < 2 || degree > MOST_POINTS) {
      throw new IllegalArgumentException(
          "the degree of the symmetric group is " + degree + "; 2 to 7 are allowed");
    }
    this.degree = degree;
    int order = 1;
    for (int n = 2; n <= degree; n++) {
      order *= n;
    }
    this.permutations = new int[order][degree];
    for (int i = 0; i < degree; i++) {
      permutations[0][i] = i;
    }
    for (int element = 1; element < order; element++) {
      permutations[element] = successor(permutations[element - 1]);
    }
  }

  /** The next permutation in lexicographic order; Knuth, TAOCP 4A, algorithm 7.2.1.2 L. */
  private static int[] successor(int[] permutation) {
    int[] next = permutation.clone();
    int last = next.length - 1;
    int pivot = last - 1;
    while (next[pivot] > next[pivot + 1]) {
      pivot--;
    }
    int larger = last;
    while (next[larger] < next[pivot]) {
      larger--;
    }
    swap(next, pivot, larger);
    for (int i = pivot + 1, j = last; i < j; i++, j--) {
      swap(next, i, j);
    }
    return next;
  }

  private static void swap(int[] values, int i, int j) {
    int value = values[i];
    values[i] = values[j];
    values[j] = value;
  }

  /**
   * Number of elements.
   *
   * @return n!
   */
  public int order() {
    return permutations.length;
  }

  /**
   * An element's one-line notation.
   *
   * @param x number of the element
   * @return the images of 0 … n−1
   * @throws IllegalArgumentException if there is no such element
   */
  public int[] permutation(int x) {
    return images(x).clone();
  }

  /**
   * The number of a permutation: the inverse of {@link #permutation}.
   *
   * @param images the images of 0 … n−1
   * @return number of the element
   * @throws IllegalArgumentException if these are not 0 … n−1 in some order
   */
  public int number(int... images) {
    requirePermutation(images);
    // Lehmer's code: how many of the later images are smaller, as digits to the bases n, n−1, …
    int number = 0;
    for (int i = 0; i < degree; i++) {
      int smaller = 0;
      for (int j = i + 1; j < degree; j++) {
        smaller += images[j] < images[i] ? 1 : 0;
      }
      number = number * (degree - i) + smaller;
    }
    return number;
  }

  /**
   * The product x∘y: first y, then x.
   *
   * @param x number of an element
   * @param y number of an element
   * @return number of the product
   * @throws IllegalArgumentException if there is no such element
   */
  public int product(int x, int y) {
    int[] left = images(x);
    int[] right = images(y);
    int[] product = new int[degree];
    for (int i = 0; i < degree; i++) {
      product[i] = left[right[i]];
    }
    return number(product);
  }

  /**
   * The inverse x⁻¹.
   *
   * @param x number of an element
   * @return number of the element whose product with x is the identity
   * @throws IllegalArgumentException if there is no such element
   */
  public int inverse(int x) {
    int[] images = images(x);
    int[] inverse = new int[degree];
    for (int i = 0; i < degree; i++) {
      inverse[images[i]] = i;
    }
    return number(inverse);
  }

  private int[] images(int x) {
    if (x < 0 || x >= permutations.length) {
      throw new IllegalArgumentException(
          "S" + degree + " has no element " + x + "; its elements are 0 to " + (order() - 1));
    }
    return permutations[x];
  }

  private void requirePermutation(int[] images) {
    int seen = 0;
    for (int image : images) {
      if (image >= 0 && image < degree) {
        seen |= 1 << image;
      }
    }
    if (images.length != degree || seen != (1 << degree) - 1) {
      throw new IllegalArgumentException(
          Arrays.toString(images)
              + " is no permutation; each of 0 to "
              + (degree - 1)
              + " is needed once");
    }
  }
}
