package dev.groklab.ffi.loading;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * The header of a 64-bit ELF file, as far as it tells the file's length. The dynamic loader maps a
 * truncated library without a look and dies of a bus error at the first missing page.
 *
 * @see <a href="https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html">ELF header</a>
 */
final class ElfFile {
  private static final int MAGIC = 0x7F454C46; // 0x7F, "ELF"
  private static final int HEADER_BYTES = 64;
  private static final int CLASS = 4; // e_ident[EI_CLASS]: 2 is 64-bit
  private static final int DATA = 5; // e_ident[EI_DATA]: 1 is little-endian
  private static final int SECTION_TABLE_OFFSET = 40; // e_shoff
  private static final int SECTION_ENTRY_BYTES = 58; // e_shentsize
  private static final int SECTION_ENTRIES = 60; // e_shnum

  private ElfFile() {}

  /** Throws a {@link NativeLibraryException} unless the file is a 64-bit ELF file and all there. */
  static void requireWhole(Path file) {
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
      while (header.hasRemaining()) {
        if (channel.read(header) < 0) {
          throw new EOFException();
        }
      }
      if (header.getInt(0) != MAGIC || header.get(CLASS) != 2 || header.get(DATA) != 1) {
        throw new NativeLibraryException(file + " is no 64-bit shared library");
      }
      header.order(ByteOrder.LITTLE_ENDIAN);
      // Linkers put the section table last, so its end is the end of the file.
      long bytes =
          header.getLong(SECTION_TABLE_OFFSET)
              + (long) Short.toUnsignedInt(header.getShort(SECTION_ENTRY_BYTES))
                  * Short.toUnsignedInt(header.getShort(SECTION_ENTRIES));
      if (channel.size() < bytes) {
        throw new NativeLibraryException(
            "%s is truncated: it has %d of %d bytes".formatted(file, channel.size(), bytes));
      }
    } catch (EOFException e) {
      throw new NativeLibraryException(file + " is no shared library: it is too short", e);
    } catch (IOException e) {
      throw new NativeLibraryException("%s cannot be read: %s".formatted(file, e), e);
    }
  }
}
