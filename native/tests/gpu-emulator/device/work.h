// Work for the device: a copy, a kernel, a graph. It runs when a synchronisation asks for it.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gpu_emulator {

struct Work {
  std::string name;
  std::function<void()> run;  ///< can be repeated; throws LaunchFault
};
using WorkPointer = std::shared_ptr<const Work>;

/// Work captured from streams: nodes, each behind others with lower numbers.
struct Graph {
  struct Node {
    WorkPointer work;
    std::vector<std::size_t> behind;
  };
  std::vector<Node> nodes;
};

}  // namespace gpu_emulator
