#include "ops/plugin_loader.h"

#include <dlfcn.h>

#include <array>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string_view>

namespace groklab {

namespace {

constexpr char kPlugin[] = "libgroklab_cuda.so";
constexpr char kPluginVariable[] = "GROKLAB_CUDA_PLUGIN";
constexpr char kLibrariesVariable[] = "GROKLAB_CUDA_LIBRARIES";
/// What the plugin is linked with, and what it opens. One that was opened before satisfies it, by its
/// name.
constexpr std::array kLibraries = {"libcudart.so.13", "libcublasLt.so.13", "libcudnn.so.9"};

std::optional<std::string> variable(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

/// dlopen's reason; it has one after each failure.
std::string reason_of_the_loader() {
  const char* const reason = dlerror();
  return reason == nullptr ? "the loader gives no reason" : reason;
}

/// The folder of the library, or program, that this function is linked into.
std::filesystem::path own_folder() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&own_folder), &info) == 0) return {};
  return std::filesystem::absolute(info.dli_fname).parent_path();
}

LoadedPlugin refused(const std::string& reason) { return {nullptr, reason}; }

/// Opens CUDA's libraries from the folders that the user names. Returns what is wrong with one.
std::optional<std::string> open_named_libraries() {
  std::istringstream folders(variable(kLibrariesVariable).value_or(""));
  for (std::string folder; std::getline(folders, folder, ':');) {
    for (const char* const library : kLibraries) {
      const std::filesystem::path file = std::filesystem::path(folder) / library;
      if (folder.empty() || !std::filesystem::exists(file)) continue;
      if (dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL) == nullptr) {
        return "a library of " + std::string(kLibrariesVariable) +
               " cannot be opened: " + reason_of_the_loader();
      }
    }
  }
  return std::nullopt;
}

/// Names CUDA's library that is missing, if the loader's reason is that one is.
std::string explain(const std::filesystem::path& file, const std::string& reason) {
  for (const std::string_view library : kLibraries) {
    if (!reason.starts_with(library)) continue;
    return std::string(library) +
           " is not found, which the CUDA plugin needs: install CUDA Toolkit 13, or `pip install"
           " nvidia-cublas nvidia-cuda-runtime` and let " +
           kLibrariesVariable +
           (variable(kLibrariesVariable) ? " (now " + *variable(kLibrariesVariable) + ")" : "") +
           " name the folder nvidia/cu13/lib of its site-packages";
  }
  // The loader mostly names the file itself.
  const bool named = reason.starts_with(file.string());
  return "the CUDA plugin " + (named ? "" : file.string() + " ") + "cannot be opened: " + reason;
}

LoadedPlugin open_file(const std::filesystem::path& file) {
  if (const auto fault = open_named_libraries()) return refused(*fault);
  void* const library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return refused(explain(file, reason_of_the_loader()));
  using Entry = const CudaPlugin*();
  const auto entry = reinterpret_cast<Entry*>(dlsym(library, kCudaPluginEntry));
  if (entry == nullptr) {
    return refused(file.string() + " is no CUDA plugin: it has no function " + kCudaPluginEntry);
  }
  const CudaPlugin* const plugin = entry();
  if (std::string_view(plugin->interface_hash) != GROKLAB_PLUGIN_INTERFACE) {
    return refused("the CUDA plugin " + file.string() +
                   " is of another build than this library; build both together");
  }
  return {plugin, ""};
}

LoadedPlugin open_plugin() {
  const auto named = variable(kPluginVariable);
  const std::filesystem::path file = named ? std::filesystem::path(*named) : own_folder() / kPlugin;
  if (std::filesystem::exists(file)) return open_file(std::filesystem::absolute(file));
  if (named) {
    return refused("there is no file " + *named + ", which the environment variable " +
                   kPluginVariable + " names");
  }
  constexpr std::string_view not_built = GROKLAB_CUDA_NOT_BUILT;
  if (not_built.empty()) return refused("the CUDA plugin " + file.string() + " is missing");
  return refused("this build has no CUDA plugin (libgroklab_cuda): " + std::string(not_built));
}

}  // namespace

const LoadedPlugin& cuda_plugin() {
  static const LoadedPlugin loaded = [] {
    try {
      return open_plugin();
    } catch (const std::exception& error) {
      return refused(std::string("the CUDA plugin cannot be looked for: ") + error.what());
    }
  }();
  return loaded;
}

}  // namespace groklab
