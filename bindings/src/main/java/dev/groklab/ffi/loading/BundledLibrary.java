package dev.groklab.ffi.loading;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The library that this module carries as a resource. The system can load files only, so it is
 * copied to {@code <cache>/<SHA-256>/}: versions live side by side, and any number of processes may
 * copy at once, since a file gets its name only when it is whole.
 *
 * @param content bytes of the library
 */
record BundledLibrary(byte[] content) {

  /** The resource for this platform, if the module has one. */
  static Optional<BundledLibrary> find() {
    try (InputStream resource =
        BundledLibrary.class.getModule().getResourceAsStream(Platform.RESOURCE)) {
      return resource == null
          ? Optional.empty()
          : Optional.of(new BundledLibrary(resource.readAllBytes()));
    } catch (IOException e) {
      throw new NativeLibraryException(
          "the resource %s cannot be read: %s".formatted(Platform.RESOURCE, e), e);
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

  /** Copies the library into the cache unless a whole copy lies there; returns the copy's path. */
  Path extract(Path cache) {
    String hash = sha256(content);
    Path copy = cache.resolve(hash).resolve(Platform.LIBRARY);
    try {
      if (!isWhole(copy, hash)) {
        write(copy);
      }
      if (!isWhole(copy, hash)) {
        throw new NativeLibraryException(copy + " changed while it was being written");
      }
      return copy;
    } catch (IOException e) {
      throw new NativeLibraryException(
          "the library cannot be copied to %s: %s; the system property %s names another cache"
              .formatted(copy, e, NativeLibrary.CACHE_PROPERTY),
          e);
    }
  }

  private void write(Path copy) throws IOException {
    Path directory = Files.createDirectories(copy.getParent());
    Path part = Files.createTempFile(directory, Platform.LIBRARY, ".part");
    try {
      Files.write(part, content);
      Files.move(part, copy, ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static boolean isWhole(Path copy, String hash) throws IOException {
    return Files.isRegularFile(copy) && sha256(Files.readAllBytes(copy)).equals(hash);
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
