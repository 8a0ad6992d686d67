package dev.groklab.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class BleuTest {

  private static List<String> words(String sentence) {
    return List.of(sentence.split(" ", -1));
  }

  private static Bleu bleu(String candidate, String reference) {
    return Bleu.of(List.of(words(candidate)), List.of(words(reference)));
  }

  /** Counted by hand: of 7 words 6 are right, of 6 pairs 4, of 5 triples 2, of 4 fours 1. */
  @Test
  void isTheGeometricMeanOfThePrecisions() {
    Bleu bleu = bleu("the cat sat on the mat today", "the cat sat on a mat today");

    assertThat(bleu.precisions()).containsExactly(6.0 / 7, 4.0 / 6, 2.0 / 5, 1.0 / 4);
    assertThat(bleu.brevityPenalty()).isEqualTo(1);
    assertThat(bleu.score()).isCloseTo(100 * Math.pow(2.0 / 35, 0.25), within(1e-12));
  }

  /** Papineni et al., example 2: of seven times "the" only two count. */
  @Test
  void countsAWordAsOftenAsTheReferenceHasIt() {
    Bleu bleu = bleu("the the the the the the the", "the cat is on the mat");

    assertThat(bleu.precisions()).containsExactly(2.0 / 7, 0.0, 0.0, 0.0);
    assertThat(bleu.score()).isZero();
  }

  @Test
  void punishesWhatIsTooShort() {
    Bleu bleu = bleu("the cat sat on the", "the cat sat on the mat");

    assertThat(bleu.precisions()).containsOnly(1.0);
    assertThat(bleu.score()).isCloseTo(100 * Math.exp(1 - 6.0 / 5), within(1e-12));
    assertThat(bleu("the cat sat on the mat", "the cat sat on the").brevityPenalty()).isEqualTo(1);
  }

  @Test
  void addsUpBeforeItDivides() {
    Bleu bleu =
        Bleu.of(
            List.of(words("a b c d e"), words("x y")), List.of(words("a b c d z"), words("x q")));

    assertThat(bleu.precisions()).containsExactly(5.0 / 7, 3.0 / 5, 2.0 / 3, 1.0 / 2);
    assertThat(bleu.score())
        .isCloseTo(100 * Math.pow(5.0 / 7 * 3 / 5 * 2 / 3 / 2, 0.25), within(1e-12));
  }

  @Test
  void nothingIsWorthNothing() {
    assertThat(Bleu.of(List.of(), List.of()).score()).isZero();
    assertThat(Bleu.of(List.of(List.of()), List.of(words("a b c d"))).score()).isZero();
    assertThat(bleu("a b c", "a b c").score()).isZero(); // no four words in a row
  }

  @Test
  void refusesAMissingReference() {
    assertThatThrownBy(() -> Bleu.of(List.of(words("a"), words("b")), List.of(words("a"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("2 translations need as many references, not 1");
  }

  @Provide
  Arbitrary<List<List<String>>> corpora() {
    return Arbitraries.of("a", "b", "c").list().ofMaxSize(9).list().ofSize(4);
  }

  @Property(tries = 300)
  void liesBetweenNothingAndPerfect(
      @ForAll("corpora") List<List<String>> candidates,
      @ForAll("corpora") List<List<String>> references) {
    Bleu bleu = Bleu.of(candidates, references);

    assertThat(bleu.score()).isBetween(0.0, 100 + 1e-9);
    // p₁ ≥ p₂ ≥ … need not hold, but whoever has four words right in a row has them right singly.
    if (bleu.precisions().get(3) > 0) {
      assertThat(bleu.precisions()).doesNotContain(0.0);
      assertThat(bleu.score()).isPositive();
    }
    long longest = candidates.stream().mapToInt(List::size).max().orElseThrow();
    assertThat(Bleu.of(candidates, candidates).score())
        .isCloseTo(longest >= 4 ? 100 : 0, within(1e-9));
  }

  @Property(tries = 100)
  void doesNotDependOnTheOrderOfSentences(
      @ForAll("corpora") List<List<String>> candidates,
      @ForAll("corpora") List<List<String>> references,
      @ForAll long seed) {
    List<Integer> order = new ArrayList<>(List.of(0, 1, 2, 3));
    Collections.shuffle(order, new Random(seed));

    assertThat(
            Bleu.of(
                order.stream().map(candidates::get).toList(),
                order.stream().map(references::get).toList()))
        .isEqualTo(Bleu.of(candidates, references));
  }
}
