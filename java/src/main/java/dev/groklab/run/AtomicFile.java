package dev.groklab.run;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Files that are there whole or not at all: written under a temporary name in the same folder,
 * forced to the disk, then renamed over the old one.
 */
public final class AtomicFile {

  private AtomicFile() {}

  /** Writes the contents of a file. */
  @FunctionalInterface
  public interface Writer {
    /**
     * Writes the contents.
     *
     * @param out where to; buffered, closed by the caller
     * @throws IOException if that fails
     */
    void write(OutputStream out) throws IOException;
  }

  /**
   * Writes a file. If that fails, the old one is as it was and nothing is left beside it.
   *
   * @param file the file; its folder exists
   * @param contents writes the contents
   * @throws IOException if the file cannot be written; the message names it
   */
  public static void write(Path file, Writer contents) throws IOException {
    Path temporary = file.resolveSibling("." + file.getFileName() + ".tmp");
    try {
      try (FileChannel channel =
              FileChannel.open(
                  temporary,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.TRUNCATE_EXISTING,
                  StandardOpenOption.WRITE);
          OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16)) {
        contents.write(out);
        out.flush();
        channel.force(true);
      }
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw IoFailure.naming(file, e);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /**
   * Writes a text file in UTF-8.
   *
   * @param file the file; its folder exists
   * @param text the contents
   * @throws IOException if the file cannot be written; the message names it
   */
  public static void writeText(Path file, String text) throws IOException {
    write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }
}
