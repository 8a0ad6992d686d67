package dev.groklab.run;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** NumPy files for tests. */
final class NpyBytes {

  private NpyBytes() {}

  static byte[] of(int[] values) {
    return of(1, "<i4", "False", "(" + values.length + ",)", values, 4);
  }

  static byte[] of(int[][] values) {
    String shape = "(" + values.length + ", " + values[0].length + ")";
    return of(
        1, "<i4", "False", shape, Arrays.stream(values).flatMapToInt(Arrays::stream).toArray(), 4);
  }

  static byte[] of(int version, String type, String fortran, String shape, int[] values, int size) {
    byte[] header =
        String.format("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n", type, fortran, shape)
            .getBytes(StandardCharsets.US_ASCII);
    ByteBuffer bytes =
        ByteBuffer.allocate(12 + header.length + values.length * size)
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
    if (version == 1) {
      bytes.putShort((short) header.length);
    } else {
      bytes.putInt(header.length);
    }
    bytes.put(header);
    for (int value : values) {
      if (size == 8) {
        bytes.putLong(value);
      } else {
        bytes.putInt(value);
      }
    }
    return Arrays.copyOf(bytes.array(), bytes.position());
  }
}
