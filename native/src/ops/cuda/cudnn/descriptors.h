// cuDNN's descriptors as owners: what is set in one, and read of another.
#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

#include "ops/cuda/cudnn/library.h"

namespace groklab::cuda {

/// The attribute type of a value.
template <class T>
inline constexpr cudnnBackendAttributeType_t kAttributeType{};
template <>
inline constexpr auto kAttributeType<std::int64_t> = CUDNN_TYPE_INT64;
template <>
inline constexpr auto kAttributeType<char> = CUDNN_TYPE_CHAR;
template <>
inline constexpr auto kAttributeType<float> = CUDNN_TYPE_FLOAT;
template <>
inline constexpr auto kAttributeType<double> = CUDNN_TYPE_DOUBLE;
template <>
inline constexpr auto kAttributeType<void*> = CUDNN_TYPE_VOID_PTR;
template <>
inline constexpr auto kAttributeType<cudnnHandle_t> = CUDNN_TYPE_HANDLE;
template <>
inline constexpr auto kAttributeType<cudnnDataType_t> = CUDNN_TYPE_DATA_TYPE;
template <>
inline constexpr auto kAttributeType<cudnnConvolutionMode_t> = CUDNN_TYPE_CONVOLUTION_MODE;
template <>
inline constexpr auto kAttributeType<cudnnBackendHeurMode_t> = CUDNN_TYPE_HEUR_MODE;
template <>
inline constexpr auto kAttributeType<cudnnBackendNumericalNote_t> = CUDNN_TYPE_NUMERICAL_NOTE;
template <>
inline constexpr auto kAttributeType<cudnnBackendBehaviorNote_t> = CUDNN_TYPE_BEHAVIOR_NOTE;

/// One descriptor. Failures to set or to read are thrown as Error(kDeviceError).
class Descriptor {
 public:
  /// @param doing what it is made for, for messages.
  Descriptor(cudnnBackendDescriptorType_t type, const char* doing);

  [[nodiscard]] cudnnBackendDescriptor_t get() const { return owner_.get(); }

  template <class T>
  void set(cudnnBackendAttributeName_t name, const std::vector<T>& values) {
    set(name, kAttributeType<T>, static_cast<std::int64_t>(values.size()), values.data());
  }
  template <class T>
  void set(cudnnBackendAttributeName_t name, const T& value) {
    set(name, kAttributeType<T>, 1, &value);
  }
  void set(cudnnBackendAttributeName_t name, const Descriptor& value);

  /// For statuses that are answers.
  [[nodiscard]] cudnnStatus_t try_finalize();
  void finalize();

  /// The elements of an attribute of plain values, of which there are at most so many.
  template <class T>
  [[nodiscard]] std::vector<T> get(cudnnBackendAttributeName_t name, std::int64_t most) const {
    std::vector<T> values(static_cast<std::size_t>(most));
    const std::int64_t found = read(name, kAttributeType<T>, most, values.data());
    values.resize(static_cast<std::size_t>(found < most ? found : most));
    return values;
  }
  /// All elements of an attribute of descriptors of a type.
  [[nodiscard]] std::vector<Descriptor> get_all(cudnnBackendAttributeName_t name,
                                                cudnnBackendDescriptorType_t type) const;
  /// The one element of such an attribute.
  [[nodiscard]] Descriptor get_one(cudnnBackendAttributeName_t name,
                                   cudnnBackendDescriptorType_t type) const;

 private:
  struct Destroy {
    void operator()(cudnnBackendDescriptor_t descriptor) const;
  };

  void set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, std::int64_t count,
           const void* values);
  /// Returns how many elements the attribute has; at most `most` of them are written.
  std::int64_t read(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                    std::int64_t most, void* values) const;

  std::unique_ptr<std::remove_pointer_t<cudnnBackendDescriptor_t>, Destroy> owner_;
  const char* doing_;
};

}  // namespace groklab::cuda
