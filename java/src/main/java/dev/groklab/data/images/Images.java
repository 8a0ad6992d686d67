package dev.groklab.data.images;

import java.util.Locale;
import java.util.Objects;

/**
 * Images of 32 × 32 pixels in red, green and blue, each of one of ten classes, as CIFAR-10 has
 * them. The array is not copied, neither in nor out; do not change it.
 *
 * @param records [N, 3073] CIFAR-10's records one after the other: a byte for the class, then the
 *     pixels [3, 32, 32], red, green, blue, each plane by rows from the top
 * @see <a href="https://www.cs.toronto.edu/~kriz/cifar.html">Krizhevsky: Learning multiple layers
 *     of features from tiny images (2009)</a>
 */
@SuppressWarnings("ArrayRecordComponent") // too large to copy or to compare
public record Images(byte[] records) {

  /** Colours of a pixel. */
  public static final int CHANNELS = 3;

  /** Pixels of a row, and rows of an image. */
  public static final int SIZE = 32;

  /** Bytes of an image's pixels. */
  public static final int PIXELS = CHANNELS * SIZE * SIZE;

  /** Bytes of a record. */
  public static final int RECORD_BYTES = 1 + PIXELS;

  /** Number of classes. */
  public static final int CLASSES = 10;

  /**
   * Checks that there are whole records of known classes.
   *
   * @throws IllegalArgumentException if not
   */
  public Images {
    Objects.requireNonNull(records, "records");
    if (records.length % RECORD_BYTES != 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d bytes are no whole number of records of %d bytes",
              records.length,
              RECORD_BYTES));
    }
    for (int i = 0; i < records.length; i += RECORD_BYTES) {
      if (records[i] < 0 || records[i] >= CLASSES) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "image %d has the class %d; classes are 0 to %d",
                i / RECORD_BYTES,
                records[i] & 0xFF,
                CLASSES - 1));
      }
    }
  }

  /**
   * Number of images.
   *
   * @return N, at least 0
   */
  public int count() {
    return records.length / RECORD_BYTES;
  }

  /**
   * The class of an image.
   *
   * @param image its number
   * @return 0 … 9
   */
  public int label(int image) {
    return records[image * RECORD_BYTES];
  }

  /**
   * A colour of a pixel.
   *
   * @param image number of the image
   * @param channel 0 red, 1 green, 2 blue
   * @param y row, from the top
   * @param x column, from the left
   * @return 0 … 255
   */
  public int pixel(int image, int channel, int y, int x) {
    return records[image * RECORD_BYTES + 1 + (channel * SIZE + y) * SIZE + x] & 0xFF;
  }

  /**
   * Some of the images.
   *
   * @param chosen their numbers, in any order
   * @return copies of them, in that order
   */
  public Images select(int[] chosen) {
    byte[] copies = new byte[Math.multiplyExact(chosen.length, RECORD_BYTES)];
    for (int i = 0; i < chosen.length; i++) {
      System.arraycopy(records, chosen[i] * RECORD_BYTES, copies, i * RECORD_BYTES, RECORD_BYTES);
    }
    return new Images(copies);
  }

  /** The size; millions of bytes would help nobody. */
  @Override
  public String toString() {
    return "Images[" + count() + " images]";
  }
}
