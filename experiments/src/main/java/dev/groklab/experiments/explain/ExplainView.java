package dev.groklab.experiments.explain;

import java.util.List;

/**
 * All that stands on the page, as texts.
 *
 * @param title the page's title
 * @param lead paragraphs below it
 * @param sections its parts
 */
public record ExplainView(String title, List<String> lead, List<Section> sections) {

  /**
   * A part of the page.
   *
   * @param id an anchor
   * @param title its title
   * @param words paragraphs
   * @param figures pictures, with words below
   * @param tables tables
   */
  public record Section(
      String id, String title, List<String> words, List<Figure> figures, List<Table> tables) {}

  /**
   * A picture.
   *
   * @param svg the picture
   * @param caption what to see in it
   */
  public record Figure(String svg, String caption) {}

  /**
   * A table.
   *
   * @param columns names
   * @param rows texts, the first of each row its name
   */
  public record Table(List<String> columns, List<List<String>> rows) {}
}
