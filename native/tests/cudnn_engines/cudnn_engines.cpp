// What cuDNN itself, not its emulation, makes of our convolutions, which needs no GPU: it is given the
// description of one, takes our descriptors, and names its engines. For each of the article's layers there
// must be one that our rules allow, and a faster one with TF32. Prints their workspaces.
//
// Exit status 77 where there is no cuDNN, or none that takes the description.
#include <array>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "ops/cuda/cudnn/cudnn.h"
#include "ops/cuda/cudnn/plan.h"

namespace groklab::cuda {
namespace {

int skip(const std::string& why) {
  std::printf("skipped: %s\n", why.c_str());
  return 77;
}

struct Layer {
  std::int64_t inputs;
  std::int64_t extent;
  std::int64_t outputs;
};

/// The article's network, whose batches have 64 images.
constexpr std::array<Layer, 3> kLayers = {{{3, 32, 64}, {64, 16, 128}, {128, 8, 256}}};
constexpr std::int64_t kImages = 64;

Convolution convolution_of(const Layer& layer, ConvolutionKind kind, bool is_double,
                           std::uint32_t alignment) {
  Convolution c;
  c.kind = kind;
  c.is_double = is_double;
  c.images = kImages;
  c.inputs = layer.inputs;
  c.height = layer.extent;
  c.width = layer.extent;
  c.outputs = layer.outputs;
  c.kernel = 3;
  c.alignment = alignment;
  return c;
}

const char* name_of(ConvolutionKind kind) {
  return kind == ConvolutionKind::kForward         ? "forward"
         : kind == ConvolutionKind::kBackwardInput ? "backward_input"
                                                   : "backward_weight";
}

/// Says how the device does a layer in fp32, fp64, and fp32 with TF32; false where it cannot.
bool look(const Descriptor& device, const Layer& layer, ConvolutionKind kind) {
  bool all = true;
  const auto say = [&](const char* precision, bool is_double, std::uint32_t alignment, bool tf32) {
    const std::optional<Plan> plan =
        choose_plan({nullptr, &device}, convolution_of(layer, kind, is_double, alignment), tf32);
    std::printf(
        "%3lld -> %3lld, %-15s %s, %2u-byte borders: ", static_cast<long long>(layer.inputs),
        static_cast<long long>(layer.outputs), name_of(kind), precision, alignment);
    if (plan) {
      std::printf("workspace of %lld bytes\n", static_cast<long long>(plan->workspace));
    } else {
      std::puts("NO ENGINE");
      all = false;
    }
  };
  say("fp32", false, 16, false);
  say("fp32", false, 4, false);
  say("fp64", true, 8, false);
  say("TF32", false, 16, true);
  return all;
}

int run(const char* description) {
  if (!look_for_cudnn().here) return skip(look_for_cudnn().words);
  std::ifstream file(description);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  Descriptor device(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR, "describing a GPU");
  // With the zero at its end.
  device.set(CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION,
             std::vector<char>(text.c_str(), text.c_str() + text.size() + 1));
  if (device.try_finalize() != CUDNN_STATUS_SUCCESS) {
    return skip(look_for_cudnn().words + " takes other descriptions of a GPU");
  }
  std::printf("%s, for the GPU of %s\n", look_for_cudnn().words.c_str(), description);
  bool all = true;
  for (const Layer& layer : kLayers) {
    for (const auto kind : {ConvolutionKind::kForward, ConvolutionKind::kBackwardInput,
                            ConvolutionKind::kBackwardWeight}) {
      all = look(device, layer, kind) && all;
    }
  }
  return all ? 0 : 1;
}

}  // namespace
}  // namespace groklab::cuda

int main(int count, char** arguments) {
  if (count != 2) {
    std::puts("usage: cudnn_engines DESCRIPTION.json");
    return 2;
  }
  try {
    return groklab::cuda::run(arguments[1]);
  } catch (const std::exception& error) {
    std::puts(error.what());
    return 1;
  }
}
