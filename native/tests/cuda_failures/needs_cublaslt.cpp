// A plugin that needs cuBLASLt, as the real one does, where there may be none.
extern "C" int groklab_stand_in();

extern "C" __attribute__((visibility("default"))) const void* groklab_cuda_plugin() {
  static const char* const plugin[] = {groklab_stand_in() == 0 ? "the hash of other headers" : ""};
  return plugin;
}
