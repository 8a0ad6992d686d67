// Has the name of cuBLASLt, and one function for a plugin to need.
extern "C" __attribute__((visibility("default"))) int groklab_stand_in() { return 0; }
