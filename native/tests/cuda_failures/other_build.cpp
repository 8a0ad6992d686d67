// A plugin of another build: its first member is another hash, and the rest may be anything.
extern "C" __attribute__((visibility("default"))) const void* groklab_cuda_plugin() {
  static const char* const plugin[] = {"the hash of other headers"};
  return plugin;
}
