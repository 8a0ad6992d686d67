// Convolutions: by the library that the ops were given, where it does them, else by tiles. Biases and
// their gradients are kernels of our own in either case.
#include <optional>
#include <type_traits>

#include "core/error.h"
#include "ops/cuda/kernels/convolution_tiles.cuh"
#include "ops/cuda/kernels/cuda_ops.h"
#include "ops/cuda/kernels/elements.cuh"
#include "ops/cuda/kernels/teams.cuh"

namespace groklab::cuda {

namespace {

/// dbias: a block sums a channel's pixels.
template <class T>
__global__ void __launch_bounds__(BlockTeam::kSize, kAnyOccupancy)
    sum_pixels(Matrices<const T> dy, std::int64_t pixels, Vectors<T> sums) {
  const std::int64_t r = block_replica();
  if (r >= dy.replicas) return;
  const std::int64_t channel = blockIdx.x;
  const std::int64_t count = dy.rows * pixels;
  T sum = 0;
#pragma unroll 4
  for (std::int64_t i = BlockTeam::rank(); i < count; i += BlockTeam::kSize) {
    sum += dy.row(r, i / pixels)[channel * pixels + i % pixels];
  }
  sum = BlockTeam::sum(sum);
  if (BlockTeam::rank() == 0) sums.replica(r)[channel] = sum;
}

/// y += bias, by channel.
template <class T>
struct AddChannelBias {
  static constexpr int kWidth = kPieceSize<T>;
  Vectors<const T> bias;
  Matrices<T> y;
  unsigned pixels;
  bool aligned;

  __device__ void operator()(std::int64_t r, std::int64_t i, std::int64_t j) const {
    const T* const terms = bias.replica(r);
    Pack<T> sum = load_pack(y.row(r, i), j, y.cols, aligned);
#pragma unroll
    for (int k = 0; k < kWidth; ++k) {
      if (j + k < y.cols) sum[k] += terms[static_cast<unsigned>(j + k) / pixels];
    }
    store_pack(sum, y.row(r, i), j, y.cols, aligned);
  }
};

/// Nothing for tensors with gaps, which models do not have: they are left to the tiles.
template <class T>
std::optional<Convolution> describe(ConvolutionKind kind, const ImageShape& image,
                                    std::int64_t kernel, Matrices<const T> x,
                                    Matrices<const T> weight, Matrices<const T> y) {
  for (const auto& tensor : {x, weight, y}) {
    if (tensor.row_stride != tensor.cols) return std::nullopt;
  }
  constexpr std::uint32_t kWideAlignment = 16;
  Convolution c;
  c.kind = kind;
  c.is_double = std::is_same_v<T, double>;
  c.images = x.rows;
  c.inputs = image.channels;
  c.height = image.height;
  c.width = image.width;
  c.outputs = weight.rows;
  c.kernel = kernel;
  c.alignment = all_aligned(x, weight, y) ? kWideAlignment : std::uint32_t{sizeof(T)};
  return c;
}

template <class T>
std::optional<Convolution> describe(const ConvolutionForward<T>& args) {
  return describe<T>(ConvolutionKind::kForward, args.image, args.kernel, args.x, args.weight,
                     args.y);
}

template <class T>
std::optional<Convolution> describe(const ConvolutionBackwardInput<T>& args) {
  return describe<T>(ConvolutionKind::kBackwardInput, args.image, args.kernel, args.dx, args.weight,
                     args.dy);
}

template <class T>
std::optional<Convolution> describe(const ConvolutionBackwardWeight<T>& args) {
  return describe<T>(ConvolutionKind::kBackwardWeight, args.image, args.kernel, args.x,
                     args.dweight, args.dy);
}

/// Which of them is written, the library knows.
template <class T>
ReplicatedTensor tensor(Matrices<const T> x) {
  return {const_cast<T*>(x.data), x.replica_stride * static_cast<std::int64_t>(sizeof(T))};
}

template <class T>
ConvolutionTensors tensors_of(const ConvolutionForward<T>& args) {
  return {tensor<T>(args.x), tensor<T>(args.weight), tensor<T>(args.y), args.y.replicas};
}

template <class T>
ConvolutionTensors tensors_of(const ConvolutionBackwardInput<T>& args) {
  return {tensor<T>(args.dx), tensor<T>(args.weight), tensor<T>(args.dy), args.dx.replicas};
}

template <class T>
ConvolutionTensors tensors_of(const ConvolutionBackwardWeight<T>& args) {
  return {tensor<T>(args.x), tensor<T>(args.dweight), tensor<T>(args.dy), args.dweight.replicas};
}

/// Elements for a workspace that begins where it must, wherever they begin.
template <class T>
std::int64_t elements_for(std::int64_t workspace) {
  constexpr auto kSize = static_cast<std::int64_t>(sizeof(T));
  return workspace == 0 ? 0 : divide_up(workspace + Convolutions::kWorkspaceAlignment, kSize);
}

template <class T>
void* workspace_in(Vectors<T> scratch) {
  constexpr std::uintptr_t kGrain = Convolutions::kWorkspaceAlignment;
  return reinterpret_cast<void*>((reinterpret_cast<std::uintptr_t>(scratch.data) + kGrain - 1) /
                                 kGrain * kGrain);
}

/// The workspace that the library wants; nothing where it does not do the convolution.
template <class Args>
std::optional<std::int64_t> workspace_for(Convolutions* library, const Args& args) {
  const auto convolution = describe(args);
  if (library == nullptr || !convolution) return std::nullopt;
  return library->workspace(*convolution);
}

/// Whether the library has done the convolution.
template <class T, class Args>
bool run_by(Convolutions* library, cudaStream_t stream, const Args& args) {
  const std::optional<std::int64_t> bytes = workspace_for(library, args);
  if (!bytes) return false;
  if (args.scratch.size < elements_for<T>(*bytes)) {
    throw Error(Status::kInternalError, "a convolution was given too little scratch memory");
  }
  library->run(stream, *describe(args), tensors_of(args),
               *bytes == 0 ? nullptr : workspace_in(args.scratch));
  return true;
}

template <class T, class Args>
std::optional<std::int64_t> scratch_by(Convolutions* library, const Args& args) {
  const std::optional<std::int64_t> bytes = workspace_for(library, args);
  if (!bytes) return std::nullopt;
  return elements_for<T>(*bytes);
}

}  // namespace

template <class T>
std::int64_t CudaOps<T>::scratch(const ConvolutionForward<T>& args) {
  return scratch_by<T>(convolutions_, args).value_or(0);
}

template <class T>
std::int64_t CudaOps<T>::scratch(const ConvolutionBackwardInput<T>& args) {
  return scratch_by<T>(convolutions_, args).value_or(0);
}

template <class T>
std::int64_t CudaOps<T>::scratch(const ConvolutionBackwardWeight<T>& args) {
  const Matrices<T> parts = parts_of(args);
  return scratch_by<T>(convolutions_, args).value_or(parts.replicas * parts.replica_stride);
}

template <class T>
void CudaOps<T>::convolution_forward(const ConvolutionForward<T>& args) {
  if (!run_by<T>(convolutions_, stream_, args)) {
    convolve_forward(stream_, args);
  } else if (!args.bias.empty()) {
    const AddChannelBias<T> body{args.bias, args.y, static_cast<unsigned>(args.image.pixels()),
                                 all_aligned(args.y)};
    launch_for_each_pack(stream_, "convolution_forward", body, args.y.replicas, args.y.rows,
                         args.y.cols);
  }
}

template <class T>
void CudaOps<T>::convolution_backward_input(const ConvolutionBackwardInput<T>& args) {
  if (!run_by<T>(convolutions_, stream_, args)) convolve_backward_input(stream_, args);
}

template <class T>
void CudaOps<T>::convolution_backward_weight(const ConvolutionBackwardWeight<T>& args) {
  const char* const name = "convolution_backward_weight";
  const std::int64_t pixels = args.image.pixels();
  const std::int64_t replicas = args.dweight.replicas;
  if (!run_by<T>(convolutions_, stream_, args)) convolve_backward_weight(stream_, args);
  if (args.dbias.empty() || args.dbias.size == 0 || replicas <= 0) return;
  sum_pixels<<<replica_grid(args.dbias.size, replicas), BlockTeam::block(), 0, stream_>>>(
      args.dy, pixels, args.dbias);
  check_launch(name);
}

template std::int64_t CudaOps<float>::scratch(const ConvolutionForward<float>&);
template std::int64_t CudaOps<double>::scratch(const ConvolutionForward<double>&);
template std::int64_t CudaOps<float>::scratch(const ConvolutionBackwardInput<float>&);
template std::int64_t CudaOps<double>::scratch(const ConvolutionBackwardInput<double>&);
template std::int64_t CudaOps<float>::scratch(const ConvolutionBackwardWeight<float>&);
template std::int64_t CudaOps<double>::scratch(const ConvolutionBackwardWeight<double>&);
template void CudaOps<float>::convolution_forward(const ConvolutionForward<float>&);
template void CudaOps<double>::convolution_forward(const ConvolutionForward<double>&);
template void CudaOps<float>::convolution_backward_input(const ConvolutionBackwardInput<float>&);
template void CudaOps<double>::convolution_backward_input(const ConvolutionBackwardInput<double>&);
template void CudaOps<float>::convolution_backward_weight(const ConvolutionBackwardWeight<float>&);
template void CudaOps<double>::convolution_backward_weight(
    const ConvolutionBackwardWeight<double>&);

}  // namespace groklab::cuda
