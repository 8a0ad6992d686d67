package dev.groklab.experiments.bench;

import java.io.PrintWriter;

/** The page that is printed line by line, and kept for {@code --out}. */
final class Page {

  private final PrintWriter console;
  private final StringBuilder text = new StringBuilder();

  Page(PrintWriter console) {
    this.console = console;
  }

  /** A line of the page. */
  void line(String line) {
    text.append(line).append('\n');
    progress(line);
  }

  /** A paragraph, with the empty line after it. */
  void paragraph(String words) {
    line(words);
    line("");
  }

  void heading(String words) {
    paragraph("## " + words);
  }

  /** A line that is shown only. */
  void progress(String line) {
    console.println(line);
    console.flush();
  }

  String text() {
    return text.toString();
  }
}
