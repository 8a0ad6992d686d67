package dev.groklab.data.images;

import dev.groklab.data.RandomStream;
import java.util.List;

/**
 * Images of ten kinds of shapes, for those who have no CIFAR-10 at hand: each at a random place, of
 * a random size, turned by a random angle, in random colours and under random noise. Image i is of
 * class i mod 10 and is fixed by (seed, i), on every machine: a pixel's coverage is counted at 4 ×
 * 4 points in it, with nothing but additions, multiplications and {@link StrictMath}.
 */
public final class Shapes {

  private static final int SAMPLES = 4; // of a pixel, in each direction
  private static final double LEAST_RADIUS = 7; // pixels
  private static final double MOST_RADIUS = 14;
  private static final int LEAST_CONTRAST = 120; // of 765
  private static final int MOST_NOISE = 60; // of 255

  private static final List<String> NAMES =
      List.of(
          "disc",
          "ring",
          "square",
          "frame",
          "triangle",
          "cross",
          "star",
          "crescent",
          "arrow",
          "half disc");

  private static final List<Figure> FIGURES =
      List.of(
          Figure.disc(0.9, 0),
          Figure.disc(0.95, 0).without(Figure.disc(0.55, 0)),
          Figure.square(0.7),
          Figure.square(0.72).without(Figure.square(0.42)),
          Figure.polygon(0, 1, -0.87, -0.5, 0.87, -0.5),
          Figure.polygon(
              -0.3, 0.95, 0.3, 0.95, 0.3, 0.3, 0.95, 0.3, 0.95, -0.3, 0.3, -0.3, 0.3, -0.95, -0.3,
              -0.95, -0.3, -0.3, -0.95, -0.3, -0.95, 0.3, -0.3, 0.3),
          Figure.star(5, 0.4),
          Figure.disc(0.95, 0).without(Figure.disc(0.8, 0.45)),
          Figure.polygon(
              0, 1, 0.75, 0.1, 0.25, 0.1, 0.25, -0.95, -0.25, -0.95, -0.25, 0.1, -0.75, 0.1),
          Figure.disc(0.95, 0).without((u, v) -> u < -0.1));

  private Shapes() {}

  /**
   * The names of the classes.
   *
   * @return ten names; the class of an image is the index of one
   */
  public static List<String> names() {
    return NAMES;
  }

  /**
   * Draws images.
   *
   * @param first number of the first, at least 0
   * @param count how many, at least 0
   * @param seed what they depend on
   * @return the images {@code first} to {@code first + count − 1}
   */
  public static Images draw(int first, int count, long seed) {
    byte[] records = new byte[Math.multiplyExact(count, Images.RECORD_BYTES)];
    for (int i = 0; i < count; i++) {
      draw(first + i, seed, records, i * Images.RECORD_BYTES);
    }
    return new Images(records);
  }

  /** The figure of a class. */
  static Figure figure(int label) {
    return FIGURES.get(label);
  }

  private static void draw(int image, long seed, byte[] records, int at) {
    int label = image % Images.CLASSES;
    RandomStream stream = new RandomStream(seed, RandomStream.Purpose.IMAGE, image);
    double radius = LEAST_RADIUS + (MOST_RADIUS - LEAST_RADIUS) * stream.uniform();
    double centreX = radius + (Images.SIZE - 2 * radius) * stream.uniform();
    double centreY = radius + (Images.SIZE - 2 * radius) * stream.uniform();
    double angle = 2 * Math.PI * stream.uniform();
    int[] ground = new int[Images.CHANNELS];
    int[] ink = new int[Images.CHANNELS];
    do {
      randomColour(stream, ground);
      randomColour(stream, ink);
    } while (distance(ground, ink) < LEAST_CONTRAST);
    int noise = stream.below(MOST_NOISE + 1);

    records[at] = (byte) label;
    double cos = StrictMath.cos(angle) / radius;
    double sin = StrictMath.sin(angle) / radius;
    for (int y = 0; y < Images.SIZE; y++) {
      for (int x = 0; x < Images.SIZE; x++) {
        int covered = covered(figure(label), x - centreX, y - centreY, cos, sin);
        for (int channel = 0; channel < Images.CHANNELS; channel++) {
          int colour =
              ground[channel]
                  + (ink[channel] - ground[channel]) * covered / (SAMPLES * SAMPLES)
                  + stream.below(2 * noise + 1)
                  - noise;
          records[at + 1 + (channel * Images.SIZE + y) * Images.SIZE + x] =
              (byte) Math.clamp(colour, 0, 255);
        }
      }
    }
  }

  /** Points inside the figure of those in the pixel whose corner is at (dx, dy) from the centre. */
  private static int covered(Figure figure, double dx, double dy, double cos, double sin) {
    int covered = 0;
    for (int i = 0; i < SAMPLES; i++) {
      for (int j = 0; j < SAMPLES; j++) {
        double x = dx + (j + 0.5) / SAMPLES;
        double y = dy + (i + 0.5) / SAMPLES;
        if (figure.contains(cos * x + sin * y, sin * x - cos * y)) {
          covered++;
        }
      }
    }
    return covered;
  }

  private static void randomColour(RandomStream stream, int[] colour) {
    for (int channel = 0; channel < colour.length; channel++) {
      colour[channel] = stream.below(256);
    }
  }

  private static int distance(int[] a, int[] b) {
    int distance = 0;
    for (int channel = 0; channel < a.length; channel++) {
      distance += Math.abs(a[channel] - b[channel]);
    }
    return distance;
  }
}
