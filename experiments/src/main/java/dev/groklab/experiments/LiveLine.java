package dev.groklab.experiments;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressState;

/** A bar and some words that stay on one line of a terminal, under the lines that were said. */
public final class LiveLine implements AutoCloseable {

  private static final int DEFAULT_COLUMNS = 80;
  private static final int UPDATE_MILLIS = 250;
  private static final int LEAST_BAR = 5;
  private static final int MOST_BAR = 40;

  private final PrintWriter out;
  private volatile String words = "";
  private ProgressBar bar;

  /**
   * A line that is not shown yet.
   *
   * @param out the terminal
   */
  public LiveLine(PrintWriter out) {
    this.out = out;
  }

  /**
   * Shows the bar from now on.
   *
   * @param from where it stands
   * @param to where it ends
   */
  public void begin(long from, long to) {
    bar =
        new ProgressBarBuilder()
            .setInitialMax(to)
            .startsFrom(from, Duration.ZERO)
            .setUpdateIntervalMillis(UPDATE_MILLIS)
            .setRenderer(this::render)
            .setConsumer(new DelegatingProgressBarConsumer(this::redraw, columns() - 1))
            .build();
  }

  /**
   * Whether the bar is shown.
   *
   * @return true if so
   */
  public boolean isBegun() {
    return bar != null;
  }

  /**
   * Moves the bar.
   *
   * @param at where it stands
   * @param words what is said beside it
   */
  public void show(long at, String words) {
    this.words = words;
    bar.stepTo(at);
  }

  /** The words first; the bar gets what they leave of the width. */
  private String render(ProgressState state, int width) {
    String words = this.words;
    int room = width - words.length() - 2;
    if (room < LEAST_BAR) {
      return words.substring(0, Math.min(words.length(), width));
    }
    int cells = Math.min(room, MOST_BAR);
    int full = (int) (cells * state.getNormalizedProgress());
    return "━".repeat(full) + "╌".repeat(cells - full) + "  " + words;
  }

  /**
   * Shows a line that stays.
   *
   * @param line the line
   */
  public void say(String line) {
    synchronized (out) {
      out.print("\r\033[K");
      out.println(line);
      out.flush();
    }
  }

  /** Called by the bar's own thread. */
  private void redraw(String line) {
    synchronized (out) {
      out.print("\r" + line + "\033[K");
      out.flush();
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      synchronized (out) {
        out.print("\r\033[K");
      }
    }
  }

  /** Width of the terminal. */
  private static int columns() {
    try {
      Process stty = new ProcessBuilder("stty", "size").redirectInput(new File("/dev/tty")).start();
      String size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      return Optional.of(size.strip().split(" "))
          .filter(parts -> parts.length == 2)
          .map(parts -> Integer.parseInt(parts[1]))
          .filter(width -> width > 20)
          .orElse(DEFAULT_COLUMNS);
    } catch (IOException | NumberFormatException _) {
      return DEFAULT_COLUMNS;
    }
  }
}
