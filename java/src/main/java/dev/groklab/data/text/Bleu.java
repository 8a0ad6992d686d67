package dev.groklab.data.text;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * BLEU of a corpus with one reference for each sentence: {@code BP · exp(¼ Σ ln pₙ)}, pₙ being the
 * share of the candidates' n-grams, n = 1 … 4, that are in their references (each n-gram counts at
 * most as often as the reference has it), summed over the corpus before dividing. The brevity
 * penalty BP is {@code exp(1 − r/c)} where the candidates' length c does not exceed the references'
 * r, else 1. Without smoothing: 0 where no n-gram of some length is right.
 *
 * @param score 0 … 100
 * @param precisions p₁ … p₄, 0 … 1; 0 where there is no n-gram
 * @param brevityPenalty BP, 0 … 1
 * @see <a href="https://doi.org/10.3115/1073083.1073135">Papineni, Roukos, Ward, Zhu: BLEU: a
 *     method for automatic evaluation of machine translation (ACL 2002)</a>
 */
public record Bleu(double score, List<Double> precisions, double brevityPenalty) {

  private static final int MOST_WORDS = 4;

  /** Keeps a copy of the precisions. */
  public Bleu {
    precisions = List.copyOf(precisions);
  }

  /**
   * Judges translations.
   *
   * @param candidates the words of each translation
   * @param references the words of what each should have been
   * @return their BLEU
   * @throws IllegalArgumentException if there are not as many of one as of the other
   */
  public static Bleu of(List<List<String>> candidates, List<List<String>> references) {
    if (candidates.size() != references.size()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d translations need as many references, not %d",
              candidates.size(),
              references.size()));
    }
    long[] right = new long[MOST_WORDS];
    long[] all = new long[MOST_WORDS];
    long length = 0;
    long referenceLength = 0;
    for (int i = 0; i < candidates.size(); i++) {
      List<String> candidate = candidates.get(i);
      List<String> reference = references.get(i);
      length += candidate.size();
      referenceLength += reference.size();
      for (int n = 1; n <= MOST_WORDS; n++) {
        all[n - 1] += Math.max(0, candidate.size() - n + 1);
        right[n - 1] += matches(candidate, reference, n);
      }
    }
    double penalty = length == 0 ? 0 : Math.exp(Math.min(0, 1 - (double) referenceLength / length));
    return of(right, all, penalty);
  }

  private static Bleu of(long[] right, long[] all, double penalty) {
    Double[] precisions = new Double[MOST_WORDS];
    double logarithms = 0;
    for (int n = 0; n < MOST_WORDS; n++) {
      precisions[n] = all[n] == 0 ? 0 : (double) right[n] / all[n];
      logarithms += Math.log(precisions[n]); // −∞ of 0 makes the score 0
    }
    double score = 100 * penalty * Math.exp(logarithms / MOST_WORDS);
    return new Bleu(score, Arrays.asList(precisions), penalty);
  }

  /** How many n-grams of the candidate the reference has as well. */
  private static long matches(List<String> candidate, List<String> reference, int n) {
    Map<List<String>, Integer> left = new HashMap<>();
    for (int i = 0; i + n <= reference.size(); i++) {
      left.merge(reference.subList(i, i + n), 1, Integer::sum);
    }
    long matches = 0;
    for (int i = 0; i + n <= candidate.size(); i++) {
      Integer available = left.get(candidate.subList(i, i + n));
      if (available != null && available > 0) {
        left.put(candidate.subList(i, i + n), available - 1);
        matches++;
      }
    }
    return matches;
  }
}
