#include "ops/cuda/cudnn/library.h"

#include <dlfcn.h>

#include <array>
#include <optional>
#include <type_traits>

#include "core/error.h"
#include "ops/cuda/cudnn/cudnn.h"
#include "ops/cuda/device.h"

namespace groklab::cuda {

namespace {

constexpr char kName[] = "libcudnn.so.9";

struct Found {
  CudnnPresence presence;
  CudnnLibrary library{};
};

Found missing(const std::string& reason) {
  return {{false, reason,
           "`pip install nvidia-cudnn-cu13` and let GROKLAB_CUDA_LIBRARIES name the folder"
           " nvidia/cudnn/lib of its site-packages"},
          {}};
}

std::string text_of_loader() {
  const char* const text = dlerror();
  return text == nullptr ? "the loader gives no reason" : text;
}

/// cuDNN counts 10000·major + 100·minor + patch.
std::string version(std::size_t number) {
  return std::to_string(number / 10000) + "." + std::to_string(number / 100 % 100) + "." +
         std::to_string(number % 100);
}

/// Returns the name of a function that is missing.
std::optional<std::string> find_functions(void* handle, CudnnLibrary& library) {
  std::optional<std::string> lacking;
  const auto find = [&](auto& function, const char* name) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(handle, name));
    if (function == nullptr && !lacking) lacking = name;
  };
  find(library.get_version, "cudnnGetVersion");
  find(library.get_cudart_version, "cudnnGetCudartVersion");
  find(library.get_error_string, "cudnnGetErrorString");
  find(library.get_last_error_string, "cudnnGetLastErrorString");
  find(library.create, "cudnnCreate");
  find(library.destroy, "cudnnDestroy");
  find(library.set_stream, "cudnnSetStream");
  find(library.create_descriptor, "cudnnBackendCreateDescriptor");
  find(library.destroy_descriptor, "cudnnBackendDestroyDescriptor");
  find(library.set_attribute, "cudnnBackendSetAttribute");
  find(library.get_attribute, "cudnnBackendGetAttribute");
  find(library.finalize, "cudnnBackendFinalize");
  find(library.execute, "cudnnBackendExecute");
  return lacking;
}

Found open() {
  void* const handle = dlopen(kName, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const std::string reason = text_of_loader();
    const bool absent = reason.starts_with(std::string(kName) + ": cannot open shared object file");
    return missing(std::string(kName) +
                   (absent ? " is not found" : " cannot be opened: " + reason));
  }
  Found found;
  if (const auto lacking = find_functions(handle, found.library)) {
    return missing(std::string(kName) + " has no function " + *lacking);
  }
  const std::string name = "cuDNN " + version(found.library.get_version());
  const std::size_t cuda = found.library.get_cudart_version() / 1000;
  constexpr std::size_t kOurs = CUDART_VERSION / 1000;
  if (cuda != kOurs) {
    return missing(name + " is for CUDA " + std::to_string(cuda) + ", and this build for CUDA " +
                   std::to_string(kOurs));
  }
  found.presence = {true, name, ""};
  return found;
}

/// Once for the process: what is opened stays.
const Found& found() {
  static const Found instance = open();
  return instance;
}

}  // namespace

const CudnnPresence& look_for_cudnn() { return found().presence; }

const CudnnLibrary& cudnn_library() { return found().library; }

void check(cudnnStatus_t status, const std::string& doing) {
  if (status == CUDNN_STATUS_SUCCESS) return;
  check(cudaGetLastError(), doing.c_str());
  const CudnnLibrary& library = cudnn_library();
  std::array<char, 256> details{};
  library.get_last_error_string(details.data(), details.size());
  std::string message = doing + " failed: cuDNN says " + library.get_error_string(status);
  if (details[0] != '\0') message += std::string(": ") + details.data();
  throw Error(Status::kDeviceError, message);
}

}  // namespace groklab::cuda
