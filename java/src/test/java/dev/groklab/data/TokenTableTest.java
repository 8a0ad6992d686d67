package dev.groklab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TokenTableTest {

  @Test
  void refusesArraysThatDoNotFitEachOther() {
    assertThatThrownBy(() -> new TokenTable(5, 2, new int[7], new int[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("3 targets with rows of 2 tokens need 6 tokens, but there are 7");
    assertThatThrownBy(() -> new TokenTable(5, 2, new int[0], new int[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a table without rows cannot be trained on");
    assertThatThrownBy(() -> new TokenTable(1, 2, new int[2], new int[1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a vocabulary of 1 symbols is too small; at least 2 are needed");
    assertThatThrownBy(() -> new TokenTable(5, 0, new int[0], new int[1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("rows of 0 tokens are too short; at least 1 is needed");
  }

  @Test
  void describesItselfByItsSizes() {
    assertThat(new TokenTable(5, 2, new int[6], new int[3]))
        .hasToString("TokenTable[rows=3, sequenceLength=2, vocabulary=5]");
  }
}
