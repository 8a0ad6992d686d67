package dev.groklab.engine;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Conversions between native numbers of either precision and Java arrays. Memory is copied as a
 * whole and numbers are converted from array to array: before it is compiled, a loop over a segment
 * takes some 50 ns an element, and the weights are read in the first seconds of a run.
 */
final class Reals {

  private Reals() {}

  static double[] toDoubles(MemorySegment memory, Precision precision) {
    if (precision == Precision.FP64) {
      return memory.toArray(ValueLayout.JAVA_DOUBLE);
    }
    return widened(memory.toArray(ValueLayout.JAVA_FLOAT));
  }

  private static double[] widened(float[] floats) {
    double[] values = new double[floats.length];
    for (int i = 0; i < floats.length; i++) {
      values[i] = floats[i];
    }
    return values;
  }

  static void copyTo(MemorySegment memory, Precision precision, double[] values) {
    if (precision == Precision.FP64) {
      MemorySegment.copy(memory, ValueLayout.JAVA_DOUBLE, 0, values, 0, values.length);
      return;
    }
    for (int i = 0; i < values.length; i++) {
      values[i] = memory.getAtIndex(ValueLayout.JAVA_FLOAT, i);
    }
  }

  static float[] toFloats(MemorySegment memory, Precision precision) {
    if (precision == Precision.FP32) {
      return memory.toArray(ValueLayout.JAVA_FLOAT);
    }
    return narrowed(memory.toArray(ValueLayout.JAVA_DOUBLE));
  }

  private static float[] narrowed(double[] doubles) {
    float[] values = new float[doubles.length];
    for (int i = 0; i < doubles.length; i++) {
      values[i] = (float) doubles[i];
    }
    return values;
  }

  static void fromDoubles(double[] values, MemorySegment memory, Precision precision) {
    if (precision == Precision.FP64) {
      MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_DOUBLE, 0, values.length);
      return;
    }
    MemorySegment.copy(narrowed(values), 0, memory, ValueLayout.JAVA_FLOAT, 0, values.length);
  }
}
