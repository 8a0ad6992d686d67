package dev.groklab.experiments.plot;

import de.erichseifert.vectorgraphics2d.Document;
import de.erichseifert.vectorgraphics2d.Processors;
import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import dev.groklab.run.AtomicFile;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.jfree.chart.text.TextUtils;

/**
 * A drawing that becomes an SVG or a PNG file. The same drawing gives the same bytes.
 *
 * @param width width in points
 * @param height height in points
 * @param drawing draws it, from the point (0, 0) on
 */
public record Picture(int width, int height, Consumer<Graphics2D> drawing) {

  private static final int PIXELS_PER_POINT = 2;
  private static final Pattern PATH = Pattern.compile(" d=\"[^\"]*\"");
  private static final Pattern DECIMALS = Pattern.compile("(\\.\\d\\d)\\d+");

  static {
    TextUtils.setUseDrawRotatedStringWorkaround(false); // text stays text in the SVG
  }

  /**
   * Why nothing can be drawn on this machine: a JDK without fonts can measure no text.
   *
   * @return what is missing, empty if nothing is
   */
  public static Optional<String> obstacle() {
    Graphics2D graphics = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB).createGraphics();
    try {
      graphics.getFontMetrics(Style.TICK_FONT).stringWidth("0");
      return Optional.empty();
    } catch (RuntimeException | Error e) { // the JDK throws either, after what is missing
      return Optional.of(
          "the JDK finds no fonts (on Debian or Ubuntu: apt install fontconfig fonts-dejavu-core)");
    } finally {
      graphics.dispose();
    }
  }

  /**
   * The drawing as SVG.
   *
   * @return the text of a file
   */
  public String svg() {
    VectorGraphics2D svg = new VectorGraphics2D();
    drawing.accept(svg);
    Document document =
        Processors.get("svg").getDocument(svg.getCommands(), new PageSize(width, height));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      document.writeTo(bytes);
    } catch (IOException e) {
      throw new AssertionError("memory cannot fail to be written", e);
    }
    return tidy(bytes.toString(StandardCharsets.UTF_8));
  }

  /** Coordinates to a hundredth of a point, and fonts for machines that have not ours. */
  private static String tidy(String svg) {
    return PATH.matcher(svg)
        .replaceAll(path -> DECIMALS.matcher(path.group()).replaceAll("$1"))
        .replace("&quot;;font-size", "&quot;,Verdana,sans-serif;font-size");
  }

  /**
   * Writes both files.
   *
   * @param svg the SVG file
   * @param png the PNG file
   * @throws IOException if one cannot be written
   */
  public void write(Path svg, Path png) throws IOException {
    AtomicFile.writeText(svg, svg());
    BufferedImage image =
        new BufferedImage(
            width * PIXELS_PER_POINT, height * PIXELS_PER_POINT, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.scale(PIXELS_PER_POINT, PIXELS_PER_POINT);
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    drawing.accept(graphics);
    graphics.dispose();
    AtomicFile.write(png, out -> writePng(image, out));
  }

  /** Without ImageIO's cache file, whose shutdown hook cannot be added after a Ctrl-C. */
  private static void writePng(BufferedImage image, OutputStream out) throws IOException {
    try (ImageOutputStream png = new MemoryCacheImageOutputStream(out)) {
      ImageIO.write(image, "png", png);
    }
  }
}
