package dev.groklab.experiments.explain;

import dev.groklab.experiments.plot.Picture;
import dev.groklab.experiments.plot.Style;
import java.awt.Color;
import java.awt.Graphics2D;
import java.util.List;

/** Bars of counts by frequency, a frame for each layer; key frequencies are coloured. */
final class BarPicture {

  private static final int MARGIN = 12;
  private static final int LEFT = 44;
  private static final int FRAME_WIDTH = 640;
  private static final int FRAME_HEIGHT = 130;
  private static final int TITLE = 24;
  private static final int BELOW = 38;

  /**
   * A frame.
   *
   * @param title what stands above
   * @param counts of frequencies 1, 2, …
   */
  record Frame(String title, int[] counts) {}

  private final List<Frame> frames;
  private final List<Integer> keys;

  private BarPicture(List<Frame> frames, List<Integer> keys) {
    this.frames = frames;
    this.keys = keys;
  }

  static Picture of(List<Frame> frames, List<Integer> keys) {
    BarPicture picture = new BarPicture(frames, keys);
    return new Picture(width(), picture.height(), picture::draw);
  }

  private static int width() {
    return 2 * MARGIN + LEFT + FRAME_WIDTH;
  }

  private int height() {
    return 2 * MARGIN + frames.size() * (TITLE + FRAME_HEIGHT + BELOW);
  }

  private void draw(Graphics2D graphics) {
    graphics.setPaint(Color.WHITE);
    graphics.fillRect(0, 0, width(), height());
    for (int i = 0; i < frames.size(); i++) {
      draw(graphics, frames.get(i), MARGIN + TITLE + i * (TITLE + FRAME_HEIGHT + BELOW));
    }
  }

  private void draw(Graphics2D graphics, Frame frame, int top) {
    int left = MARGIN + LEFT;
    int bottom = top + FRAME_HEIGHT;
    int most = 1;
    for (int count : frame.counts()) {
      most = Math.max(most, count);
    }
    graphics.setPaint(Style.TEXT);
    graphics.setFont(Style.LABEL_FONT);
    graphics.drawString(frame.title(), left, top - 8);
    graphics.setFont(Style.TICK_FONT);
    graphics.drawString(Integer.toString(most), MARGIN, top + 10);
    graphics.drawString("0", MARGIN, bottom);
    graphics.drawString("frequency", left + FRAME_WIDTH / 2 - 30, bottom + 32);
    double place = (double) FRAME_WIDTH / frame.counts().length;
    for (int k = 1; k <= frame.counts().length; k++) {
      int x = (int) (left + (k - 1) * place);
      int height = FRAME_HEIGHT * frame.counts()[k - 1] / most;
      graphics.setPaint(keys.contains(k) ? Style.VALIDATION : Style.TRAIN);
      graphics.fillRect(x + 1, bottom - height, Math.max(1, (int) place - 2), height);
      if (keys.contains(k)) {
        graphics.setPaint(Style.TEXT);
        graphics.drawString(Integer.toString(k), x, bottom + 15);
      }
    }
    graphics.setPaint(Style.GRID);
    graphics.drawRect(left, top, FRAME_WIDTH, FRAME_HEIGHT);
  }
}
