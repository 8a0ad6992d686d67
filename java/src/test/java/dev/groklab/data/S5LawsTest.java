package dev.groklab.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** The laws of groups, as the tables of the S₅ tasks must hold them. */
class S5LawsTest {

  private static final int N = 120;
  private static final int[] PRODUCT = targets("s5");
  private static final int[] CONJUGATE = targets("s5_conjugate");
  private static final int[] ABA = targets("s5_aba");

  private static int[] targets(String name) {
    return Tasks.of(name, N, 2).table().targets();
  }

  private static int product(int x, int y) {
    return PRODUCT[x * N + y];
  }

  private static int conjugate(int x, int y) {
    return CONJUGATE[x * N + y];
  }

  private static int inverse(int x) {
    for (int y = 0; y < N; y++) {
      if (product(x, y) == 0) {
        return y;
      }
    }
    throw new AssertionError("no inverse of " + x);
  }

  @Property(tries = 1000)
  void productIsAssociative(
      @ForAll @IntRange(max = N - 1) int x,
      @ForAll @IntRange(max = N - 1) int y,
      @ForAll @IntRange(max = N - 1) int z) {
    assertThat(product(product(x, y), z)).isEqualTo(product(x, product(y, z)));
  }

  @Test
  void firstElementIsTheIdentityAndAllHaveInverses() {
    for (int x = 0; x < N; x++) {
      assertThat(product(0, x)).isEqualTo(x);
      assertThat(product(x, 0)).isEqualTo(x);
      assertThat(product(inverse(x), x)).isZero();
    }
  }

  @Test
  void cayleyTableIsALatinSquare() {
    for (int x = 0; x < N; x++) {
      boolean[] inRow = new boolean[N];
      boolean[] inColumn = new boolean[N];
      for (int y = 0; y < N; y++) {
        inRow[product(x, y)] = true;
        inColumn[product(y, x)] = true;
      }
      assertThat(inRow).doesNotContain(false);
      assertThat(inColumn).doesNotContain(false);
    }
  }

  @Property(tries = 1000)
  void conjugationIsAHomomorphism(
      @ForAll @IntRange(max = N - 1) int x,
      @ForAll @IntRange(max = N - 1) int a,
      @ForAll @IntRange(max = N - 1) int b) {
    assertThat(conjugate(x, product(a, b))).isEqualTo(product(conjugate(x, a), conjugate(x, b)));
    assertThat(conjugate(product(a, b), x)).isEqualTo(conjugate(a, conjugate(b, x)));
  }

  @Property(tries = 1000)
  void conjugationKeepsCycleTypes(
      @ForAll @IntRange(max = N - 1) int x, @ForAll @IntRange(max = N - 1) int y) {
    assertThat(cycleType(conjugate(x, y))).isEqualTo(cycleType(y));
  }

  /** Lengths of the cycles, ascending. */
  private static List<Integer> cycleType(int element) {
    int[] images = new SymmetricGroup(5).permutation(element);
    boolean[] seen = new boolean[images.length];
    List<Integer> lengths = new ArrayList<>();
    for (int start = 0; start < images.length; start++) {
      int length = 0;
      for (int i = start; !seen[i]; i = images[i]) {
        seen[i] = true;
        length++;
      }
      if (length > 0) {
        lengths.add(length);
      }
    }
    Collections.sort(lengths);
    return lengths;
  }

  @Test
  void conjugatesAndAbaAreProducts() {
    int[] inverses = new int[N];
    Arrays.setAll(inverses, S5LawsTest::inverse);
    for (int x = 0; x < N; x++) {
      for (int y = 0; y < N; y++) {
        int xy = product(x, y);
        assertThat(conjugate(x, y)).isEqualTo(product(xy, inverses[x]));
        assertThat(ABA[x * N + y]).isEqualTo(product(xy, x));
      }
    }
  }

  /** openai/grok composes from left to right; its tables are these with inverses for elements. */
  @Property(tries = 1000)
  void otherOrderOfCompositionIsARenaming(
      @ForAll @IntRange(max = N - 1) int x, @ForAll @IntRange(max = N - 1) int y) {
    int leftToRight = product(y, x);

    assertThat(product(inverse(x), inverse(y))).isEqualTo(inverse(leftToRight));
    assertThat(conjugate(inverse(x), inverse(y)))
        .isEqualTo(inverse(product(inverse(x), leftToRight)));
  }
}
