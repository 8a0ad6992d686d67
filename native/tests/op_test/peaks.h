// What GPUs can do at most, by their makers' data sheets: without tensor cores, at boost clocks.
#pragma once

#include <array>
#include <cctype>
#include <cstddef>
#include <optional>
#include <string_view>

namespace groklab::test {

struct DevicePeak {
  std::string_view name;  ///< part of the device's name
  double fp32;            ///< operations a second, a multiply-add being two
  double fp64;
  double bandwidth;  ///< bytes a second
};

inline constexpr std::array kDevicePeaks = {
    DevicePeak{"H200", 67e12, 34e12, 4.8e12},
    DevicePeak{"H100 PCIe", 51e12, 26e12, 2.0e12},
    DevicePeak{"H100 NVL", 60e12, 30e12, 3.9e12},
    DevicePeak{"H100 80GB HBM3", 67e12, 34e12, 3.35e12},
    DevicePeak{"A100-SXM4-80GB", 19.5e12, 9.7e12, 2.04e12},
    DevicePeak{"A100-SXM4-40GB", 19.5e12, 9.7e12, 1.555e12},
    DevicePeak{"A100-PCIE-40GB", 19.5e12, 9.7e12, 1.555e12},
    DevicePeak{"A100 80GB PCIe", 19.5e12, 9.7e12, 1.94e12},
    DevicePeak{"L40S", 91.6e12, 1.43e12, 0.864e12},
    DevicePeak{"NVIDIA L4", 30.3e12, 0.473e12, 0.3e12},
    DevicePeak{"NVIDIA A10", 31.2e12, 0.488e12, 0.6e12},
    DevicePeak{"Tesla T4", 8.1e12, 0.253e12, 0.32e12},
    DevicePeak{"RTX 4090", 82.6e12, 1.29e12, 1.008e12},
    DevicePeak{"RTX 3090", 35.6e12, 0.556e12, 0.936e12},
};

inline std::optional<DevicePeak> peak_of(std::string_view device) {
  for (const DevicePeak& peak : kDevicePeaks) {
    const std::size_t at = device.find(peak.name);
    if (at == std::string_view::npos) continue;
    // "A10" is no A100.
    const std::size_t end = at + peak.name.size();
    if (end == device.size() || std::isalnum(static_cast<unsigned char>(device[end])) == 0) {
      return peak;
    }
  }
  return std::nullopt;
}

}  // namespace groklab::test
