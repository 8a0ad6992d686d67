/**
 * Sentences in two languages: where pairs come from, how they become words and numbers, and how
 * translations are judged. Start at {@link dev.groklab.data.text.ParallelCorpus}, which {@link
 * dev.groklab.data.text.EncodedCorpus} turns into what an encoder–decoder trains on.
 */
package dev.groklab.data.text;
