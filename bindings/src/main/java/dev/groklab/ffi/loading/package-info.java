/** Finds, checks and loads the native library, and reads its text. Written by hand. */
package dev.groklab.ffi.loading;
