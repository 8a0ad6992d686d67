package dev.groklab.engine;

/**
 * Checks of what Java must check itself: numbers that would turn into others on the way to C's
 * unsigned types, and indexes into Java's own buffers. Everything else is checked by the engine.
 */
final class Arguments {

  private Arguments() {}

  static void requireAtLeast(String name, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(
          name + " is " + value + "; at least " + least + " is allowed");
    }
  }

  static void requireIndex(String name, int value, int count) {
    if (value < 0 || value >= count) {
      throw new IllegalArgumentException(
          name + " is " + value + "; allowed are 0 to " + (count - 1));
    }
  }

  static void requireLength(String name, long length, long expected) {
    if (length != expected) {
      throw new IllegalArgumentException(
          name + " has " + length + " elements; it must have " + expected);
    }
  }

  /** A size as the length of a Java array. */
  static int arrayLength(String name, long length) {
    if (length > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          name + " has " + length + " elements, more than a Java array can hold");
    }
    return (int) length;
  }
}
