package dev.groklab.data.text;

import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Cuts sentences into words. A word is, in lower case, whatever of {@value #WORD} comes first: a
 * placeholder like <code>{0}</code>; letters and digits, with apostrophes between them; or any one
 * other character that is not a space, so that punctuation stands alone and nothing is lost.
 */
public final class Tokenizer {

  /** The regular expression of a word. */
  public static final String WORD =
      "\\{\\d+\\}|[\\p{L}\\p{M}\\p{N}]+(?:['’][\\p{L}\\p{M}\\p{N}]+)*|[^\\p{javaWhitespace}\\p{Z}]";

  private static final Pattern WORDS = Pattern.compile(WORD);

  private Tokenizer() {}

  /**
   * The words of a sentence.
   *
   * @param sentence any text
   * @return its words in order; none of a text of spaces
   */
  public static List<String> words(String sentence) {
    return WORDS
        .matcher(sentence.toLowerCase(Locale.ROOT))
        .results()
        .map(MatchResult::group)
        .toList();
  }
}
