package dev.groklab.run;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A one- or two-dimensional array of integers from NumPy's {@code .npy} format, versions 1 to 3:
 * magic, version, length of the header, a Python dictionary with type, order and shape, the data.
 *
 * @param shape one or two extents
 * @param values the elements, row-major
 * @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">the
 *     format</a>
 */
@SuppressWarnings("ArrayRecordComponent")
public record Npy(int[] shape, int[] values) {

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([^)]*)\\)");
  private static final int MAX_HEADER_BYTES = 1 << 20;
  private static final int ALIGNMENT = 64; // of the data in the file

  /**
   * Reads an array of int32 or int64, little-endian, in C order.
   *
   * @param file the file
   * @param dimensions the number of dimensions that it must have, 1 or 2
   * @return the array
   * @throws FormatException if it is no such file, or a value does not fit an int
   * @throws IOException if it cannot be read
   */
  public static Npy read(Path file, int dimensions) throws IOException {
    try (DataInputStream in = open(file)) {
      Header header = header(file, in, dimensions);
      int[] values = new int[header.count(file)];
      byte[] block = new byte[header.size * Math.clamp(values.length, 1, 1 << 14)];
      for (int done = 0; done < values.length; ) {
        int count = Math.min(values.length - done, block.length / header.size);
        in.readFully(block, 0, count * header.size);
        ByteBuffer data = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
          long value = header.size == Integer.BYTES ? data.getInt() : data.getLong();
          if (value != (int) value) {
            throw new FormatException(file, "value " + value + " is too large for a row number");
          }
          values[done++] = (int) value;
        }
      }
      if (in.read() >= 0) {
        throw new FormatException(file, "it is longer than its shape says");
      }
      return new Npy(header.shape, values);
    } catch (EOFException e) {
      throw new FormatException(file, "it ends too early: no whole NumPy array");
    } catch (IOException e) {
      throw IoFailure.naming(file, e);
    }
  }

  /**
   * Writes the array as int32, atomically.
   *
   * @param file the file; its folder exists
   * @throws IOException if it cannot be written
   */
  public void write(Path file) throws IOException {
    String extents = Arrays.stream(shape).mapToObj(n -> n + ",").collect(Collectors.joining(" "));
    String header = "{'descr': '<i4', 'fortran_order': False, 'shape': (" + extents + "), }";
    int prefix = MAGIC.length + 2 + Short.BYTES; // magic, version, length of the header
    int padded = Math.ceilDiv(prefix + header.length() + 1, ALIGNMENT) * ALIGNMENT;
    ByteBuffer data =
        ByteBuffer.allocate(padded + values.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    data.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) (padded - prefix));
    data.put(header.getBytes(StandardCharsets.US_ASCII));
    while (data.position() < padded - 1) {
      data.put((byte) ' ');
    }
    data.put((byte) '\n').asIntBuffer().put(values);
    AtomicFile.write(file, out -> out.write(data.array()));
  }

  /**
   * Reads the shape alone.
   *
   * @param file the file
   * @param dimensions the number of dimensions that it must have, 1 or 2
   * @return the extents
   * @throws FormatException if it is no such file
   * @throws IOException if it cannot be read
   */
  public static int[] readShape(Path file, int dimensions) throws IOException {
    try (DataInputStream in = open(file)) {
      return header(file, in, dimensions).shape;
    } catch (EOFException e) {
      throw new FormatException(file, "it ends too early: no whole NumPy array");
    } catch (IOException e) {
      throw IoFailure.naming(file, e);
    }
  }

  @SuppressWarnings("ArrayRecordComponent")
  private record Header(int size, int[] shape) {
    int count(Path file) throws FormatException {
      long count = 1;
      for (int extent : shape) {
        count *= extent; // two ints at most: no overflow
      }
      if (count > Integer.MAX_VALUE - 8) {
        throw new FormatException(file, count + " values are more than can be read");
      }
      return (int) count;
    }
  }

  private static DataInputStream open(Path file) throws IOException {
    InputStream in = Files.newInputStream(file);
    return new DataInputStream(new BufferedInputStream(in, 1 << 16));
  }

  private static Header header(Path file, DataInputStream in, int dimensions) throws IOException {
    byte[] magic = in.readNBytes(MAGIC.length);
    if (!Arrays.equals(magic, MAGIC)) {
      throw new FormatException(file, "no NumPy file");
    }
    int version = in.readUnsignedByte();
    in.readUnsignedByte(); // minor version
    if (version < 1 || version > 3) {
      throw new FormatException(file, "version " + version + " of the NumPy format is not known");
    }
    long length =
        version == 1
            ? Short.toUnsignedInt(Short.reverseBytes(in.readShort()))
            : Integer.toUnsignedLong(Integer.reverseBytes(in.readInt()));
    if (length > MAX_HEADER_BYTES) {
      throw new FormatException(file, "no NumPy file: a header of " + length + " bytes");
    }
    byte[] bytes = new byte[(int) length];
    in.readFully(bytes);
    String text = new String(bytes, StandardCharsets.UTF_8);

    int size =
        switch (field(file, DESCR, text, "type")) {
          case "<i4" -> Integer.BYTES;
          case "<i8" -> Long.BYTES;
          case String other ->
              throw new FormatException(
                  file, "its type is '" + other + "'; int32 or int64, little-endian, is needed");
        };
    if (field(file, ORDER, text, "order").equals("True")) {
      throw new FormatException(
          file, "it is in Fortran order; C order is needed (numpy.ascontiguousarray)");
    }
    int[] shape = shape(file, field(file, SHAPE, text, "shape"));
    if (shape.length != dimensions) {
      throw new FormatException(
          file,
          "its shape is " + Arrays.toString(shape) + "; " + dimensions + " extents are needed");
    }
    return new Header(size, shape);
  }

  private static String field(Path file, Pattern pattern, String header, String what)
      throws FormatException {
    Matcher matcher = pattern.matcher(header);
    if (!matcher.find()) {
      throw new FormatException(file, "no NumPy file of plain integers: its header has no " + what);
    }
    return matcher.group(1);
  }

  private static int[] shape(Path file, String text) throws FormatException {
    try {
      return Arrays.stream(text.split(","))
          .map(String::strip)
          .filter(extent -> !extent.isEmpty())
          .mapToInt(Npy::extent)
          .toArray();
    } catch (NumberFormatException e) {
      throw new FormatException(file, "its shape (" + text + ") cannot be read");
    }
  }

  private static int extent(String text) {
    int extent = Integer.parseInt(text);
    if (extent < 0) {
      throw new NumberFormatException("negative");
    }
    return extent;
  }

  @Override
  public String toString() {
    return "Npy" + Arrays.toString(shape);
  }
}
