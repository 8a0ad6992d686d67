package dev.groklab.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class EncodedCorpusTest {

  private static final ParallelCorpus CORPUS =
      new ParallelCorpus(
          List.of(
              new SentencePair("Ein Hund.", "A dog."),
              new SentencePair("Ein sehr langer Satz.", "A very long sentence."),
              new SentencePair("Ein Hund, ein Hund.", "A dog, a dog."),
              new SentencePair("", "Nothing.")),
          List.of(new SentencePair("Hund", "A small dog.")));

  @Test
  void encodesTrainingThenValidation() {
    EncodedCorpus encoded = EncodedCorpus.of(CORPUS, 6);

    // Known are ein, hund and the full stop; the rest comes once.
    assertThat(encoded.sourceVocabulary().size()).isEqualTo(4 + 3);
    assertThat(encoded.targetVocabulary().size()).isEqualTo(4 + 3);
    assertThat(encoded.dropped()).isEqualTo(1);
    assertThat(encoded.table().sourceLength()).isEqualTo(8);
    assertThat(encoded.table().targetLength()).isEqualTo(7);
    assertThat(encoded.split().train()).containsExactly(0, 1, 2);
    assertThat(encoded.split().validation()).containsExactly(3);
    assertThat(encoded.table().sources())
        .startsWith(1, 4, 6, 5, 2, -1, -1, -1, /* row 1 */ 1, 4, 3, 3, 3, 5, 2, -1)
        .endsWith(1, 6, 2, -1, -1, -1, -1, -1);
    assertThat(encoded.table().targets())
        .startsWith(1, 4, 6, 5, 2, -1, -1, -1)
        .endsWith(1, 4, 3, 6, 5, 2, -1, -1);
    assertThat(encoded.references().getLast()).containsExactly("a", "small", "dog", ".");
  }

  @Test
  void leavesLongPairsOut() {
    EncodedCorpus encoded = EncodedCorpus.of(CORPUS, 4);

    assertThat(encoded.dropped()).isEqualTo(3);
    assertThat(encoded.table().rows()).isEqualTo(2);
    assertThat(encoded.table().sourceLength()).isEqualTo(5);
    assertThat(encoded.table().targetLength()).isEqualTo(5);
    assertThat(encoded.sourceVocabulary().size()).isEqualTo(4); // nothing comes twice any more
  }

  @Test
  void refusesToLeaveNothing() {
    assertThatThrownBy(() -> EncodedCorpus.of(CORPUS, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "of ParallelCorpus[train=4 pairs, validation=1 pairs], 0 training and 0 validation"
                + " pairs have up to 2 words; both need at least one");
    assertThatThrownBy(() -> EncodedCorpus.of(CORPUS, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("sentences of up to 0 words are to be kept; at least 1 is allowed");
  }
}
