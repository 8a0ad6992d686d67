package dev.groklab.ffi.loading;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The library that this module carries as a resource, and beside it the CUDA plugin if the module
 * was built with one. The system can load files only, so they are copied to {@code
 * <cache>/<SHA-256>/}: versions live side by side, and any number of processes may copy at once,
 * since a file gets its name only when it is whole.
 *
 * @param files names and bytes of the files; {@link Platform#LIBRARY} is one
 */
record BundledLibrary(SortedMap<String, byte[]> files) {

  /** The resources for this platform, if the module has a library for it. */
  static Optional<BundledLibrary> find() {
    SortedMap<String, byte[]> files = new TreeMap<>();
    for (String name : new String[] {Platform.LIBRARY, Platform.CUDA_PLUGIN}) {
      read(Platform.RESOURCES + name).ifPresent(content -> files.put(name, content));
    }
    return files.containsKey(Platform.LIBRARY)
        ? Optional.of(new BundledLibrary(files))
        : Optional.empty();
  }

  private static Optional<byte[]> read(String name) {
    try (InputStream resource = BundledLibrary.class.getModule().getResourceAsStream(name)) {
      return resource == null ? Optional.empty() : Optional.of(resource.readAllBytes());
    } catch (IOException e) {
      throw new NativeLibraryException("the resource %s cannot be read: %s".formatted(name, e), e);
    }
  }

  /** The directory for copies: as the system property says, or in the user's cache. */
  static Path cache() {
    String named = System.getProperty(NativeLibrary.CACHE_PROPERTY);
    if (named != null) {
      return Path.of(named).toAbsolutePath().normalize();
    }
    String caches = System.getenv("XDG_CACHE_HOME");
    return caches != null && Path.of(caches).isAbsolute()
        ? Path.of(caches, "groklab")
        : Path.of(System.getProperty("user.home"), ".cache", "groklab");
  }

  /**
   * Copies into the cache what does not lie there whole; returns the path of the library's copy.
   */
  Path extract(Path cache) {
    Path directory = cache.resolve(hash());
    files.forEach((name, content) -> extract(directory.resolve(name), content));
    return directory.resolve(Platform.LIBRARY);
  }

  private static void extract(Path copy, byte[] content) {
    try {
      if (!isWhole(copy, content)) {
        write(copy, content);
      }
      if (!isWhole(copy, content)) {
        throw new NativeLibraryException(copy + " changed while it was being written");
      }
    } catch (IOException e) {
      throw new NativeLibraryException(
          "the library cannot be copied to %s: %s; the system property %s names another cache"
              .formatted(copy, e, NativeLibrary.CACHE_PROPERTY),
          e);
    }
  }

  private static void write(Path copy, byte[] content) throws IOException {
    Path directory = Files.createDirectories(copy.getParent());
    Path part = Files.createTempFile(directory, copy.getFileName().toString(), ".part");
    try {
      Files.write(part, content);
      Files.move(part, copy, ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static boolean isWhole(Path copy, byte[] content) throws IOException {
    return Files.isRegularFile(copy) && Arrays.equals(Files.readAllBytes(copy), content);
  }

  /** Of all files: a library with another plugin is another version. */
  private String hash() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        digest.update("%s %d\n".formatted(file.getKey(), file.getValue().length).getBytes(UTF_8));
        digest.update(file.getValue());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
