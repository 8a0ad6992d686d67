/**
 * The C ABI of {@code libgroklab} in Java. This is the one module that makes native calls, so that
 * {@code --enable-native-access=dev.groklab.ffi} is the one grant a program needs. It is meant for
 * {@code dev.groklab} alone; programs use that module.
 */
@SuppressWarnings("module") // dev.groklab is compiled later.
module dev.groklab.ffi {
  exports dev.groklab.ffi to
      dev.groklab;
  exports dev.groklab.ffi.loading to
      dev.groklab;
}
