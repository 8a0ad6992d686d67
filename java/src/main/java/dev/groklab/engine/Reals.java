package dev.groklab.engine;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Conversions between native numbers of either precision and Java arrays. */
final class Reals {

  private Reals() {}

  static double[] toDoubles(MemorySegment memory, Precision precision) {
    if (precision == Precision.FP64) {
      return memory.toArray(ValueLayout.JAVA_DOUBLE);
    }
    double[] values = new double[length(memory, precision)];
    copyTo(memory, precision, values);
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
    float[] values = new float[length(memory, precision)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) memory.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
    }
    return values;
  }

  static void fromDoubles(double[] values, MemorySegment memory, Precision precision) {
    if (precision == Precision.FP64) {
      MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_DOUBLE, 0, values.length);
      return;
    }
    for (int i = 0; i < values.length; i++) {
      memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) values[i]);
    }
  }

  private static int length(MemorySegment memory, Precision precision) {
    return Arguments.arrayLength("the buffer", memory.byteSize() / precision.bytes());
  }
}
