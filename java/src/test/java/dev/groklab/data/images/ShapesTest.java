package dev.groklab.data.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ShapesTest {

  @Test
  void anImageIsAFunctionOfSeedAndNumber() {
    Images many = Shapes.draw(0, 30, 5);
    Images few = Shapes.draw(12, 4, 5);
    for (int i = 0; i < 4; i++) {
      assertThat(few.select(new int[] {i}).records())
          .isEqualTo(many.select(new int[] {12 + i}).records());
    }
    assertThat(Shapes.draw(0, 30, 6).records()).isNotEqualTo(many.records());
    assertThat(many.label(27)).isEqualTo(7);
    assertThat(Shapes.names()).hasSize(Images.CLASSES).doesNotHaveDuplicates();
  }

  /** The same bits on every machine and JDK. */
  @Test
  void theBitsAreFixed() throws NoSuchAlgorithmException {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(Shapes.draw(0, 200, 0).records());
    assertThat(HexFormat.of().formatHex(digest)).startsWith("3b327cf6ef89f91f");
  }

  /** The shapes are what they are called: their areas in units of the radius squared. */
  @Test
  void areasAreThoseOfTheShapes() {
    double lens = lens(0.95, 0.8, 0.45);
    double[] expected = {
      Math.PI * 0.9 * 0.9,
      Math.PI * (0.95 * 0.95 - 0.55 * 0.55),
      1.4 * 1.4,
      1.44 * 1.44 - 0.84 * 0.84,
      0.5 * 1.74 * 1.5,
      2 * 1.9 * 0.6 - 0.6 * 0.6,
      10 * 0.5 * 0.4 * Math.sin(Math.PI / 5),
      Math.PI * 0.95 * 0.95 - lens,
      0.5 * 1.5 * 0.9 + 0.5 * 1.05,
      Math.PI * 0.95 * 0.95 - segment(0.95, 0.1),
    };
    for (int i = 0; i < expected.length; i++) {
      assertThat(area(Shapes.figure(i)))
          .as(Shapes.names().get(i))
          .isCloseTo(expected[i], within(5e-3));
    }
  }

  /** Area of a disc's part beyond a chord at a distance from its middle. */
  private static double segment(double radius, double distance) {
    return radius * radius * Math.acos(distance / radius)
        - distance * Math.sqrt(radius * radius - distance * distance);
  }

  /** Area that two discs have in common. */
  private static double lens(double a, double b, double distance) {
    double chord = (distance * distance + a * a - b * b) / (2 * distance);
    return segment(a, chord) + segment(b, distance - chord);
  }

  private static double area(Figure figure) {
    int cells = 1000;
    int inside = 0;
    for (int i = 0; i < cells; i++) {
      for (int j = 0; j < cells; j++) {
        inside += figure.contains(2 * (i + 0.5) / cells - 1, 2 * (j + 0.5) / cells - 1) ? 1 : 0;
      }
    }
    return 4.0 * inside / (cells * cells);
  }

  /** Every image shows something: the colours of its middle and of its rim differ. */
  @Test
  void everyImageShowsItsShape() {
    Images images = Shapes.draw(0, 300, 2);
    for (int i = 0; i < images.count(); i++) {
      long least = Long.MAX_VALUE;
      long most = Long.MIN_VALUE;
      for (int y = 0; y < Images.SIZE; y += 4) {
        for (int x = 0; x < Images.SIZE; x += 4) {
          long sum = 0; // of a block of 4 × 4 pixels, which evens the noise out
          for (int channel = 0; channel < Images.CHANNELS; channel++) {
            for (int j = 0; j < 16; j++) {
              sum += (channel + 1L) * images.pixel(i, channel, y + j / 4, x + j % 4);
            }
          }
          least = Math.min(least, sum);
          most = Math.max(most, sum);
        }
      }
      assertThat(most - least).as("image %d", i).isGreaterThan(500);
    }
  }
}
