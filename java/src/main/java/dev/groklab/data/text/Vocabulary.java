package dev.groklab.data.text;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The words that a model knows, numbered: four special ones first, then by falling frequency, words
 * of equal frequency in the order of their characters. What is not among them is {@link #UNK}.
 */
public final class Vocabulary {

  /** {@code <pad>}: fills a sentence up; models never see it. */
  public static final int PAD = 0;

  /** {@code <sos>}: the beginning of a sentence. */
  public static final int SOS = 1;

  /** {@code <eos>}: the end of a sentence. */
  public static final int EOS = 2;

  /** {@code <unk>}: a word that the vocabulary does not have. */
  public static final int UNK = 3;

  private static final List<String> SPECIAL = List.of("<pad>", "<sos>", "<eos>", "<unk>");

  private final List<String> words;
  private final Map<String, Integer> numbers = new HashMap<>();

  private Vocabulary(List<String> words) {
    this.words = List.copyOf(words);
    for (int number = 0; number < words.size(); number++) {
      numbers.put(words.get(number), number);
    }
  }

  /**
   * The vocabulary of training sentences.
   *
   * @param sentences their words, none of them special
   * @param leastCount how often a word must come in all of them together to be known, at least 1
   * @return the vocabulary
   * @throws IllegalArgumentException if {@code leastCount} is below 1
   */
  public static Vocabulary of(Collection<List<String>> sentences, int leastCount) {
    if (leastCount < 1) {
      throw new IllegalArgumentException(
          "words are to come at least " + leastCount + " times; at least 1 is allowed");
    }
    Map<String, Integer> counts = new HashMap<>();
    for (List<String> sentence : sentences) {
      for (String word : sentence) {
        counts.merge(word, 1, Integer::sum);
      }
    }
    List<String> words = new ArrayList<>(SPECIAL);
    counts.entrySet().stream()
        .filter(entry -> entry.getValue() >= leastCount)
        .sorted(
            Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .map(Map.Entry::getKey)
        .forEach(words::add);
    return new Vocabulary(words);
  }

  /**
   * How many words it has.
   *
   * @return their number, special ones included
   */
  public int size() {
    return words.size();
  }

  /**
   * The number of a word.
   *
   * @param word any word
   * @return its number, or {@link #UNK}
   */
  public int number(String word) {
    return numbers.getOrDefault(word, UNK);
  }

  /**
   * The word of a number.
   *
   * @param number 0 … size − 1
   * @return the word
   * @throws IndexOutOfBoundsException if there is no such word
   */
  public String word(int number) {
    return words.get(number);
  }

  /**
   * A sentence as numbers.
   *
   * @param sentence its words
   * @return {@link #SOS}, the words' numbers, {@link #EOS}
   */
  public int[] encode(List<String> sentence) {
    int[] tokens = new int[sentence.size() + 2];
    tokens[0] = SOS;
    for (int i = 0; i < sentence.size(); i++) {
      tokens[i + 1] = number(sentence.get(i));
    }
    tokens[tokens.length - 1] = EOS;
    return tokens;
  }

  /**
   * The words of a sentence given in numbers: those before the first {@link #EOS}, without {@link
   * #SOS} and {@link #PAD}.
   *
   * @param tokens numbers of words
   * @return the words; unknown ones as {@code <unk>}
   */
  public List<String> decode(int... tokens) {
    List<String> sentence = new ArrayList<>();
    for (int token : tokens) {
      if (token == EOS) {
        break;
      }
      if (token != SOS && token != PAD) {
        sentence.add(word(token));
      }
    }
    return sentence;
  }
}
