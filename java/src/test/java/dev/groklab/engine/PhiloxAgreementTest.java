package dev.groklab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.groklab.data.Philox;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Java and the engine draw by the same generator. */
class PhiloxAgreementTest {

  @Property(tries = 500)
  void javaAndTheEngineAgree(@ForAll @Size(4) int[] counter, @ForAll @Size(2) int[] key) {
    int[] out = new int[4];
    long words = Integer.toUnsignedLong(key[0]) | (long) key[1] << 32;

    Philox.block(counter[0], counter[1], counter[2], counter[3], words, out);

    assertThat(Ops.philox(counter, key)).containsExactly(out);
  }

  @Test
  void refusesArraysOfAnotherLength() {
    assertThatThrownBy(() -> Ops.philox(new int[3], new int[2]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the counter has 3 elements; it must have 4");
    assertThatThrownBy(() -> Ops.philox(new int[4], new int[1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the key has 1 elements; it must have 2");
  }
}
