// cuBLASLt's objects as owners, and its failures as exceptions.
#pragma once

#include <cublasLt.h>

#include <memory>
#include <string>
#include <type_traits>

namespace groklab::cuda {

/// Throws Error(kDeviceError) with CUDA's own reason, if it has one, else with cuBLASLt's.
/// @param doing what failed, such as "describing a product"
[[noreturn]] void fail(cublasStatus_t status, const std::string& doing);

inline void check(cublasStatus_t status, const char* doing) {
  if (status != CUBLAS_STATUS_SUCCESS) fail(status, doing);
}

template <auto destroy>
struct Destroy {
  template <class Handle>
  void operator()(Handle handle) const {
    destroy(handle);
  }
};
template <class Handle, auto destroy>
using Owner = std::unique_ptr<std::remove_pointer_t<Handle>, Destroy<destroy>>;

using Operation = Owner<cublasLtMatmulDesc_t, cublasLtMatmulDescDestroy>;
using Layout = Owner<cublasLtMatrixLayout_t, cublasLtMatrixLayoutDestroy>;
using Preference = Owner<cublasLtMatmulPreference_t, cublasLtMatmulPreferenceDestroy>;

template <class Value>
void set(cublasLtMatmulDescAttributes_t name, const Operation& of, Value value) {
  check(cublasLtMatmulDescSetAttribute(of.get(), name, &value, sizeof value),
        "describing a product");
}
template <class Value>
void set(cublasLtMatrixLayoutAttribute_t name, const Layout& of, Value value) {
  check(cublasLtMatrixLayoutSetAttribute(of.get(), name, &value, sizeof value),
        "describing a matrix");
}
template <class Value>
void set(cublasLtMatmulPreferenceAttributes_t name, const Preference& of, Value value) {
  check(cublasLtMatmulPreferenceSetAttribute(of.get(), name, &value, sizeof value),
        "describing an algorithm");
}

}  // namespace groklab::cuda
