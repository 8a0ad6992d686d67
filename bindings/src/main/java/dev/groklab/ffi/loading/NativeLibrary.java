package dev.groklab.ffi.loading;

import dev.groklab.ffi.groklab_h;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Loads {@code libgroklab} once for this JVM; the functions of {@link groklab_h} work from then on.
 *
 * <p>The library is taken from the first of these places that has one:
 *
 * <ol>
 *   <li>the file that the system property {@code groklab.library} names;
 *   <li>the resources {@code META-INF/native/<os>-<arch>/} of this module, copied into a cache
 *       (system property {@code groklab.cache}, by default {@code groklab} in the user's cache);
 *   <li>{@code build/native} of the source tree around this module or the working directory.
 * </ol>
 */
public final class NativeLibrary {
  /** System property that names the library's file. */
  public static final String LIBRARY_PROPERTY = "groklab.library";

  /** System property that names the directory into which the bundled library is copied. */
  public static final String CACHE_PROPERTY = "groklab.cache";

  private static Path loaded;

  private NativeLibrary() {}

  /**
   * Loads the library unless it is loaded already. After a failure the next call tries again.
   *
   * @return the absolute path of the file it was loaded from
   * @throws NativeLibraryException if there is no library, or it is broken, or of another ABI
   */
  public static synchronized Path load() {
    if (loaded == null) {
      Path library = find();
      LibraryCheck.check(library);
      open(library);
      loaded = library;
    }
    return loaded;
  }

  private static Path find() {
    String named = System.getProperty(LIBRARY_PROPERTY);
    if (named != null) {
      Path library = Path.of(named).toAbsolutePath().normalize();
      if (!Files.isRegularFile(library)) {
        throw new NativeLibraryException(
            "there is no file %s, which the system property %s names"
                .formatted(library, LIBRARY_PROPERTY));
      }
      return library;
    }
    return BundledLibrary.find()
        .map(bundled -> bundled.extract(BundledLibrary.cache()))
        .or(BuildTree::find)
        .orElseThrow(
            () ->
                new NativeLibraryException(
                    ("there is no %s: the system property %s is not set, this module brings no %s,"
                            + " and no source tree around it or around %s has one in %s")
                        .formatted(
                            Platform.LIBRARY,
                            LIBRARY_PROPERTY,
                            Platform.RESOURCES + Platform.LIBRARY,
                            Path.of("").toAbsolutePath(),
                            BuildTree.DIRECTORY)));
  }

  @SuppressWarnings("restricted") // This is the class that is allowed to.
  private static void open(Path library) {
    try {
      System.load(library.toString());
    } catch (UnsatisfiedLinkError e) {
      // Its message begins with the path.
      throw new NativeLibraryException("cannot load " + e.getMessage(), e);
    }
  }
}
