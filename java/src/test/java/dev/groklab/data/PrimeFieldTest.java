package dev.groklab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PrimeFieldTest {

  private static final int LARGEST_PRIME = 23_167; // of those that make a table

  @Property(tries = 500)
  void dividesAnyNumbers(@ForAll long x, @ForAll long y) {
    for (int p : new int[] {2, 97, LARGEST_PRIME}) {
      PrimeField field = new PrimeField(p);
      BigInteger modulus = BigInteger.valueOf(p);
      if (Math.floorMod(y, p) == 0) {
        assertThatThrownBy(() -> field.divide(x, y))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("division of %d by %d, 0 modulo %d", x, y, p);
      } else {
        BigInteger exact =
            BigInteger.valueOf(x).multiply(BigInteger.valueOf(y).modInverse(modulus));
        assertThat(field.divide(x, y)).isEqualTo(exact.mod(modulus).intValueExact());
      }
    }
  }

  @Property(tries = 300)
  void takesPrimesAndNothingElse(@ForAll @IntRange(min = 2, max = 23_170) int p) {
    if (BigInteger.valueOf(p).isProbablePrime(50)) {
      assertThat(new PrimeField(p).divide(1, 1)).isEqualTo(1);
    } else {
      assertThatThrownBy(() -> new PrimeField(p))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("p is " + p + " = ")
          .hasMessageEndingWith("; division is possible modulo primes only");
    }
  }

  @Test
  void namesTheSmallestFactor() {
    assertThatThrownBy(() -> new PrimeField(91))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("p is 91 = 7 · 13; division is possible modulo primes only");
  }
}
