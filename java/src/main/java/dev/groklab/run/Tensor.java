package dev.groklab.run;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A named array of real numbers, as a safetensors file holds it.
 *
 * @param name the name
 * @param type type of the elements
 * @param shape extents, the last one running fastest
 * @param bytes the elements, little-endian and row-major; not copied, do not change it
 */
@SuppressWarnings("ArrayRecordComponent")
public record Tensor(String name, Type type, List<Long> shape, byte[] bytes) {

  /** Types of elements. */
  public enum Type {
    /** IEEE binary32. */
    F32(4),
    /** IEEE binary64. */
    F64(8);

    private final int size;

    Type(int size) {
      this.size = size;
    }

    /**
     * Size of an element.
     *
     * @return bytes
     */
    public int size() {
      return size;
    }
  }

  /**
   * Checks that the bytes fill the shape.
   *
   * @throws IllegalArgumentException if they do not
   */
  public Tensor {
    shape = List.copyOf(shape);
    if (count(shape) * type.size() != bytes.length) {
      throw new IllegalArgumentException(
          "tensor " + name + " of shape " + shape + " has " + bytes.length + " bytes");
    }
  }

  /**
   * The elements as doubles.
   *
   * @return as many numbers as the tensor has
   */
  public double[] toDoubles() {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    double[] values = new double[bytes.length / type.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = type == Type.F32 ? buffer.getFloat() : buffer.getDouble();
    }
    return values;
  }

  /** Number of elements of a shape. */
  static long count(List<Long> shape) {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }

  @Override
  public String toString() {
    return name + " " + type + shape;
  }
}
