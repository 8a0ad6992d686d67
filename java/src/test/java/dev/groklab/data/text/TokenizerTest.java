package dev.groklab.data.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class TokenizerTest {

  @Test
  void separatesPunctuationAndKeepsApostrophesAndPlaceholders() {
    assertThat(Tokenizer.words("Zwei junge, weiße Männer (im Freien)."))
        .containsExactly("zwei", "junge", ",", "weiße", "männer", "(", "im", "freien", ")", ".");
    assertThat(Tokenizer.words("Don't call {0} in {12}!"))
        .containsExactly("don't", "call", "{0}", "in", "{12}", "!");
    assertThat(Tokenizer.words("'quoted' --module-path {x}"))
        .containsExactly("'", "quoted", "'", "-", "-", "module", "-", "path", "{", "x", "}");
    assertThat(Tokenizer.words(" \t\u00A0 ")).isEmpty();
  }

  @Test
  void keepsCharactersBeyondTheBasicPlaneWhole() {
    assertThat(Tokenizer.words("a😀b")).containsExactly("a", "😀", "b");
  }

  @Property
  void losesNothingAndIsItsOwnFixedPoint(@ForAll String text) {
    List<String> words = Tokenizer.words(text);

    assertThat(words).allMatch(word -> !word.isBlank());
    assertThat(Tokenizer.words(String.join(" ", words))).isEqualTo(words);
  }
}
