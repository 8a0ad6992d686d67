package dev.groklab.experiments.article;

import dev.groklab.data.text.Bleu;
import dev.groklab.data.text.EncodedCorpus;
import java.util.Arrays;
import java.util.List;

/**
 * Some rows of a corpus as a model translates them.
 *
 * @param rows numbers of the rows
 * @param sentences the words of each translation
 * @param bleu how good they are
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Translations(int[] rows, List<List<String>> sentences, Bleu bleu) {

  static Translations of(EncodedCorpus corpus, GreedyDecoder decoder, int[] rows) {
    List<List<String>> sentences =
        Arrays.stream(decoder.translate(rows)).map(corpus.targetVocabulary()::decode).toList();
    List<List<String>> references = Arrays.stream(rows).mapToObj(corpus.references()::get).toList();
    return new Translations(rows, sentences, Bleu.of(sentences, references));
  }

  /** The first of them, each below its source and its reference. */
  String samples(EncodedCorpus corpus, int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < Math.min(count, rows.length); i++) {
      text.append("  de: ").append(String.join(" ", corpus.sources().get(rows[i]))).append('\n');
      text.append("  en: ").append(String.join(" ", corpus.references().get(rows[i]))).append('\n');
      text.append("   →: ").append(String.join(" ", sentences.get(i))).append("\n\n");
    }
    return text.toString();
  }
}
