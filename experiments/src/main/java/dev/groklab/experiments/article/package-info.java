/**
 * {@code groklab article}: the systems of the article "Grokking in Deep Learning: Advanced
 * Concepts, Code Implementations, and Future Directions", built as it means them. {@link
 * dev.groklab.experiments.article.ArticleCommand} lists them; docs/article.md says what was seen.
 */
package dev.groklab.experiments.article;
