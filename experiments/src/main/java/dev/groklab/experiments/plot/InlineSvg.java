package dev.groklab.experiments.plot;

import java.util.regex.Pattern;

/** A picture as a part of an HTML page: identifiers of its own, and as wide as the page allows. */
public final class InlineSvg {

  private static final Pattern BEFORE_ROOT = Pattern.compile("(?s)^.*?(?=<svg )");
  private static final Pattern ROOT = Pattern.compile("<svg [^>]*>");
  private static final Pattern SIZE = Pattern.compile(" (width|height|x|y)=\"[^\"]*px\"");

  private InlineSvg() {}

  /**
   * Makes the part.
   *
   * @param picture the picture
   * @param id a word that no other picture of the page has
   * @param description what it shows, for those who do not see it
   * @return an {@code svg} element
   */
  public static String of(Picture picture, String id, String description) {
    String svg = BEFORE_ROOT.matcher(picture.svg()).replaceFirst("");
    return ROOT.matcher(svg)
        .replaceFirst(
            root ->
                SIZE.matcher(root.group())
                    .replaceAll("")
                    .replace(
                        "<svg ",
                        "<svg role=\"img\" aria-label=\""
                            + escape(description)
                            + "\" style=\"max-width:"
                            + picture.width()
                            + "px\" "))
        .replace("id=\"clip", "id=\"" + id + "-clip")
        .replace("url(#clip", "url(#" + id + "-clip");
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }
}
