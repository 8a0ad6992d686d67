package dev.groklab.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class VocabularyTest {

  private static final List<List<String>> SENTENCES =
      List.of(
          List.of("a", "dog", "and", "a", "cat"),
          List.of("a", "cat", "sees", "dog"),
          List.of("cat"));

  @Test
  void knowsWhatComesOftenEnough() {
    Vocabulary vocabulary = Vocabulary.of(SENTENCES, 2);

    assertThat(vocabulary.size()).isEqualTo(7);
    assertThat(List.of(0, 1, 2, 3, 4, 5, 6).stream().map(vocabulary::word))
        .containsExactly("<pad>", "<sos>", "<eos>", "<unk>", "a", "cat", "dog");
    assertThat(vocabulary.number("dog")).isEqualTo(6);
    assertThat(vocabulary.number("sees")).isEqualTo(Vocabulary.UNK);
    assertThat(Vocabulary.of(SENTENCES, 1).size()).isEqualTo(9);
  }

  @Test
  void framesSentences() {
    Vocabulary vocabulary = Vocabulary.of(SENTENCES, 2);

    assertThat(vocabulary.encode(List.of("the", "dog"))).containsExactly(1, 3, 6, 2);
    assertThat(vocabulary.decode(1, 3, 6, 2, 5, 0)).containsExactly("<unk>", "dog");
    assertThat(vocabulary.decode(0, 4)).containsExactly("a");
  }

  @Property(tries = 200)
  void decodesWhatItEncodes(
      @ForAll @Size(max = 20) List<@AlphaChars @StringLength(min = 1, max = 3) String> sentence) {
    Vocabulary vocabulary = Vocabulary.of(List.of(sentence), 1);

    assertThat(vocabulary.decode(vocabulary.encode(sentence))).isEqualTo(sentence);
  }

  @Test
  void refusesWordsThatNeverCome() {
    assertThatThrownBy(() -> Vocabulary.of(SENTENCES, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("words are to come at least 0 times; at least 1 is allowed");
  }
}
