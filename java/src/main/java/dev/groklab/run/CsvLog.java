package dev.groklab.run;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.function.LongPredicate;

/**
 * A CSV file that grows by rows whose first column is a step. A crash may cut its last row off;
 * {@link #resume} brings it back to the rows that count.
 */
public final class CsvLog implements Closeable {

  private static final int FLUSH_CHARACTERS = 1 << 16;

  private final Path file;
  private final FileChannel channel;
  private final StringBuilder pending = new StringBuilder();

  private CsvLog(Path file) throws IOException {
    this.file = file;
    this.channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
  }

  /**
   * Starts a file anew.
   *
   * @param file the file; its folder exists
   * @param header its first line
   * @return the log, to be closed
   * @throws IOException if the file cannot be written
   */
  public static CsvLog create(Path file, String header) throws IOException {
    AtomicFile.writeText(file, header + "\n");
    return new CsvLog(file);
  }

  /**
   * Goes on with a file: keeps the whole rows whose steps are wanted, drops the others and what a
   * crash left of a last row. A file that is missing or empty is started anew.
   *
   * @param keep tells of a step whether its row stays
   * @throws FormatException if the file has another header, or a row without a step
   */
  static CsvLog resume(Path file, String header, LongPredicate keep) throws IOException {
    if (!Files.exists(file) || Files.size(file) == 0) {
      return create(file, header);
    }
    boolean lastRowIsWhole = endsWithLineBreak(file);
    AtomicFile.write(
        file,
        out -> {
          try (BufferedReader in = Files.newBufferedReader(file)) {
            if (!header.equals(in.readLine())) {
              throw new FormatException(file, "its first line is not '" + header + "'");
            }
            out.write(line(header));
            String row = in.readLine();
            while (row != null) {
              String next = in.readLine();
              boolean whole = next != null || lastRowIsWhole;
              if (whole && keep.test(step(file, row))) {
                out.write(line(row));
              }
              row = next;
            }
          }
        });
    return new CsvLog(file);
  }

  /** Whether a file could be this log: it is empty, or starts with the header. */
  static boolean isLog(Path file, String header) throws IOException {
    byte[] expected = line(header);
    try (InputStream in = Files.newInputStream(file)) {
      byte[] start = in.readNBytes(expected.length);
      return start.length == 0 || Arrays.equals(start, expected);
    }
  }

  /**
   * Adds a row; it reaches the file with the next {@link #flush} at the latest.
   *
   * @param row the row, without its line break
   * @throws IOException if the file cannot be written
   */
  public void add(String row) throws IOException {
    pending.append(row).append('\n');
    if (pending.length() >= FLUSH_CHARACTERS) {
      flush();
    }
  }

  /**
   * Hands all rows to the operating system; if that fails, no part of them is left in the file.
   *
   * @throws IOException if the file cannot be written
   */
  public void flush() throws IOException {
    if (pending.isEmpty()) {
      return;
    }
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(pending.toString());
    pending.setLength(0);
    long length = channel.size();
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      channel.truncate(length);
      throw IoFailure.naming(file, e);
    }
  }

  @Override
  public void close() throws IOException {
    try (channel) {
      flush();
    }
  }

  private static byte[] line(String text) {
    return (text + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static long step(Path file, String row) throws FormatException {
    int comma = row.indexOf(',');
    try {
      return Long.parseLong(comma < 0 ? row : row.substring(0, comma));
    } catch (NumberFormatException _) {
      throw new FormatException(file, "the row '" + row + "' does not start with a step");
    }
  }

  private static boolean endsWithLineBreak(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer last = ByteBuffer.allocate(1);
      channel.read(last, channel.size() - 1);
      return last.get(0) == '\n';
    }
  }
}
