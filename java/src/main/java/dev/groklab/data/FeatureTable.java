package dev.groklab.data;

import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * Rows of real numbers with a class each: images, or plain vectors. The arrays are not copied,
 * neither in nor out; do not change them.
 *
 * @param classes number of classes; targets lie in 0 … classes − 1
 * @param channels of an image, or numbers of a vector
 * @param height of an image; 1 for a vector
 * @param width of an image; 1 for a vector
 * @param values [rows, channels, height, width] row-major
 * @param targets [rows]
 * @param weights [rows] factors of the rows' losses; empty: all 1
 */
@SuppressWarnings("ArrayRecordComponent") // too large to copy or to compare
public record FeatureTable(
    int classes,
    int channels,
    int height,
    int width,
    float[] values,
    int[] targets,
    Optional<double[]> weights) {

  /**
   * Checks that the arrays fit each other. The values are checked by the engine.
   *
   * @throws IllegalArgumentException if there is no row, or an array has another length than the
   *     sizes tell
   */
  public FeatureTable {
    Objects.requireNonNull(values, "values");
    Objects.requireNonNull(targets, "targets");
    Objects.requireNonNull(weights, "weights");
    requireAtLeast("classes", classes, 2);
    requireAtLeast("channels", channels, 1);
    requireAtLeast("height", height, 1);
    requireAtLeast("width", width, 1);
    if (targets.length == 0) {
      throw new IllegalArgumentException("a table without rows cannot be trained on");
    }
    double features = (double) channels * height * width; // exact, or far too large
    if (values.length != targets.length * features) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d targets with rows of %d × %d × %d numbers need %.0f numbers, but there are %d",
              targets.length,
              channels,
              height,
              width,
              targets.length * features,
              values.length));
    }
    if (weights.isPresent() && weights.get().length != targets.length) {
      throw new IllegalArgumentException(
          weights.get().length + " weights do not fit " + targets.length + " targets");
    }
  }

  /**
   * Rows that are plain vectors, all of weight 1.
   *
   * @param classes number of classes
   * @param features numbers of a row
   * @param values [rows, features]
   * @param targets [rows]
   * @return the table
   * @throws IllegalArgumentException if the arrays do not fit each other
   */
  public static FeatureTable ofVectors(int classes, int features, float[] values, int[] targets) {
    return new FeatureTable(classes, features, 1, 1, values, targets, Optional.empty());
  }

  private static void requireAtLeast(String name, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(
          name + " is " + value + "; at least " + least + " is allowed");
    }
  }

  /**
   * Number of rows.
   *
   * @return at least 1
   */
  public int rows() {
    return targets.length;
  }

  /**
   * Numbers of a row.
   *
   * @return channels × height × width
   */
  public int features() {
    return channels * height * width;
  }

  /** The sizes; millions of numbers would help nobody. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "FeatureTable[rows=%d, channels=%d, height=%d, width=%d, classes=%d]",
        rows(),
        channels,
        height,
        width,
        classes);
  }
}
