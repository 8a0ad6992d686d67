package dev.groklab.engine;

import java.nio.file.Path;

/**
 * The native library in use.
 *
 * @param version version of the library, "major.minor.patch"
 * @param abiNumber number of its C ABI
 * @param build compiler and build type, in words
 * @param path the file that was loaded
 */
public record LibraryInfo(String version, int abiNumber, String build, Path path) {}
