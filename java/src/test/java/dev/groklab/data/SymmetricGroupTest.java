package dev.groklab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SymmetricGroupTest {

  @Test
  void numbersElementsInLexicographicOrder() {
    SymmetricGroup s3 = new SymmetricGroup(3);

    assertThat(s3.order()).isEqualTo(6);
    assertThat(s3.permutation(0)).containsExactly(0, 1, 2);
    assertThat(s3.permutation(1)).containsExactly(0, 2, 1);
    assertThat(s3.permutation(2)).containsExactly(1, 0, 2);
    assertThat(s3.permutation(3)).containsExactly(1, 2, 0);
    assertThat(s3.permutation(4)).containsExactly(2, 0, 1);
    assertThat(s3.permutation(5)).containsExactly(2, 1, 0);
  }

  @ParameterizedTest
  @CsvSource({"2, 2", "3, 6", "4, 24", "5, 120", "6, 720", "7, 5040"})
  void hasAllPermutationsInOrder(int degree, int order) {
    SymmetricGroup group = new SymmetricGroup(degree);

    assertThat(group.order()).isEqualTo(order);
    for (int x = 0; x < order; x++) {
      int[] images = group.permutation(x);
      assertThat(images).hasSize(degree).doesNotHaveDuplicates();
      assertThat(Arrays.stream(images)).allMatch(image -> image >= 0 && image < degree);
      assertThat(group.number(images)).isEqualTo(x);
      if (x > 0) {
        assertThat(Arrays.compare(group.permutation(x - 1), images)).isNegative();
      }
    }
  }

  @Property(tries = 200)
  void composesFromRightToLeft(
      @ForAll @IntRange(max = 719) int x, @ForAll @IntRange(max = 719) int y) {
    SymmetricGroup s6 = new SymmetricGroup(6);
    int[] product = s6.permutation(s6.product(x, y));

    for (int i = 0; i < 6; i++) {
      assertThat(product[i]).isEqualTo(s6.permutation(x)[s6.permutation(y)[i]]);
    }
    assertThat(s6.product(x, s6.inverse(x))).isZero();
    assertThat(s6.product(s6.inverse(x), x)).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1, 8})
  void refusesOtherDegrees(int degree) {
    assertThatThrownBy(() -> new SymmetricGroup(degree))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the degree of the symmetric group is " + degree + "; 2 to 7 are allowed");
  }

  @Test
  void refusesWhatIsNoElement() {
    SymmetricGroup s3 = new SymmetricGroup(3);

    assertThatThrownBy(() -> s3.product(0, 6))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("S3 has no element 6; its elements are 0 to 5");
    assertThatThrownBy(() -> s3.inverse(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("S3 has no element -1; its elements are 0 to 5");
    for (int[] images : new int[][] {{0, 1}, {0, 1, 1}, {1, 2, 3}, {0, 1, 2, 2}, {-1, 1, 2}}) {
      assertThatThrownBy(() -> s3.number(images))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              Arrays.toString(images) + " is no permutation; each of 0 to 2 is needed once");
    }
  }
}
