package dev.groklab.experiments.article;

import dev.groklab.experiments.Display;
import dev.groklab.experiments.LiveLine;
import java.io.PrintWriter;

/** Progress for a person: a bar on a terminal, a plain line now and then elsewhere, or nothing. */
abstract class Progress implements AutoCloseable {

  /** The kind that fits where the output goes. */
  static Progress on(PrintWriter out, boolean quiet) {
    if (quiet) {
      return new Quiet();
    }
    return Display.isTerminal() ? new Bar(out) : new Plain(out);
  }

  /** Shows a line that stays. */
  abstract void say(String line);

  /** Shows where the work stands, for as long as that is true. */
  abstract void show(long at, long end, String words);

  @Override
  public abstract void close();

  private static final class Quiet extends Progress {
    @Override
    void say(String line) {}

    @Override
    void show(long at, long end, String words) {}

    @Override
    public void close() {}
  }

  private static final class Bar extends Progress {
    private final PrintWriter out;
    private final LiveLine line;

    Bar(PrintWriter out) {
      this.out = out;
      this.line = new LiveLine(out);
    }

    @Override
    void say(String text) {
      line.say(text);
    }

    @Override
    void show(long at, long end, String words) {
      if (!line.isBegun()) {
        line.begin(0, end);
      }
      line.show(at, words);
    }

    @Override
    public void close() {
      line.close();
      out.flush();
    }
  }

  /** A line not more often than every two seconds. */
  private static final class Plain extends Progress {
    private static final long PAUSE_NANOS = 2_000_000_000L;

    private final PrintWriter out;
    private long shown = System.nanoTime();

    Plain(PrintWriter out) {
      this.out = out;
    }

    @Override
    void say(String text) {
      out.println(text);
      out.flush();
    }

    @Override
    void show(long at, long end, String words) {
      if (System.nanoTime() - shown >= PAUSE_NANOS) {
        say(words);
        shown = System.nanoTime();
      }
    }

    @Override
    public void close() {
      out.flush();
    }
  }
}
