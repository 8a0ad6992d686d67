package dev.groklab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PhiloxTest {

  /** The known answers that Random123 publishes for philox4x32-10 (its file kat_vectors). */
  @ParameterizedTest
  @CsvSource({
    "00000000 00000000 00000000 00000000, 00000000 00000000, 6627e8d5 e169c58d bc57ac4c 9b00dbd8",
    "ffffffff ffffffff ffffffff ffffffff, ffffffff ffffffff, 408f276d 41c83b0e a20bc7c6 6d5451fd",
    "243f6a88 85a308d3 13198a2e 03707344, a4093822 299f31d0, d16cfe09 94fdcceb 5001e420 24126ea1",
  })
  void givesTheKnownAnswers(String counter, String key, String answer) {
    int[] c = words(counter);
    int[] k = words(key);
    int[] out = new int[4];

    Philox.block(c[0], c[1], c[2], c[3], Integer.toUnsignedLong(k[0]) | (long) k[1] << 32, out);

    assertThat(out).containsExactly(words(answer));
  }

  @Test
  void refusesAnArrayThatIsNoBlock() {
    assertThatThrownBy(() -> Philox.block(0, 0, 0, 0, 0, new int[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a Philox block has 4 words, the array given has 3");
  }

  private static int[] words(String hex) {
    return Pattern.compile(" ").splitAsStream(hex).mapToInt(HexFormat::fromHexDigits).toArray();
  }
}
