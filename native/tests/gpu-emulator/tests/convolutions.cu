// cuDNN: convolutions against plain loops, engines that are what their notes say, and descriptors that
// must be right.
// convolutions test | convolutions FAULT planted|correct
#include <cudnn_graph.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "support.h"

namespace {

#define DNN(call) CHECK((call) == CUDNN_STATUS_SUCCESS)

using Ints = std::vector<std::int64_t>;

/// A descriptor, destroyed with its owner.
class Descriptor {
 public:
  explicit Descriptor(cudnnBackendDescriptorType_t type) {
    DNN(cudnnBackendCreateDescriptor(type, &handle_));
  }
  Descriptor(Descriptor&& other) noexcept : handle_(other.handle_) { other.handle_ = nullptr; }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (handle_ != nullptr) DNN(cudnnBackendDestroyDescriptor(handle_));
  }

  cudnnBackendDescriptor_t get() const { return handle_; }

  cudnnStatus_t try_set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                        std::int64_t count, const void* values) {
    return cudnnBackendSetAttribute(handle_, name, type, count, values);
  }
  template <class V>
  void set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, const V& value) {
    DNN(try_set(name, type, 1, &value));
  }
  template <class V>
  void set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
           const std::vector<V>& values) {
    DNN(try_set(name, type, static_cast<std::int64_t>(values.size()), values.data()));
  }
  void set(cudnnBackendAttributeName_t name, const Descriptor& value) {
    set(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, value.get());
  }
  cudnnStatus_t finalize() { return cudnnBackendFinalize(handle_); }

  template <class V>
  std::vector<V> values(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type) const {
    std::vector<V> all(16);
    std::int64_t count = 0;
    DNN(cudnnBackendGetAttribute(handle_, name, type, 16, &count, all.data()));
    all.resize(static_cast<std::size_t>(count));
    return all;
  }

 private:
  cudnnBackendDescriptor_t handle_ = nullptr;
};

enum class Kind { kForward, kBackwardData, kBackwardFilter };
constexpr Kind kKinds[] = {Kind::kForward, Kind::kBackwardData, Kind::kBackwardFilter};

struct Shape {
  std::int64_t images, inputs, height, width, outputs, filter;
  std::int64_t stride = 1;
  std::int64_t gap = 0;  // between images of x and of y

  std::int64_t rows() const { return (height + filter / 2 * 2 - filter) / stride + 1; }
  std::int64_t cols() const { return (width + filter / 2 * 2 - filter) / stride + 1; }
  Ints x() const { return {images, inputs, height, width}; }
  Ints w() const { return {outputs, inputs, filter, filter}; }
  Ints y() const { return {images, outputs, rows(), cols()}; }
};

Ints strides_of(const Ints& extents, std::int64_t gap) {
  return {extents[1] * extents[2] * extents[3] + gap, extents[2] * extents[3], extents[3], 1};
}

std::size_t memory_of(const Ints& extents, std::int64_t gap) {
  return static_cast<std::size_t>(extents[0] * strides_of(extents, gap)[0]);
}

Descriptor new_tensor(std::int64_t id, cudnnDataType_t type, const Ints& extents,
                      const Ints& strides, std::int64_t alignment) {
  Descriptor tensor(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
  tensor.set(CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, id);
  tensor.set(CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, type);
  tensor.set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, alignment);
  tensor.set(CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, extents);
  tensor.set(CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, strides);
  return tensor;
}

Descriptor new_window(cudnnDataType_t type, const Shape& s) {
  Descriptor window(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
  const Ints border(2, s.filter / 2);
  window.set(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, std::int64_t{2});
  window.set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, type);
  window.set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE,
             CUDNN_CROSS_CORRELATION);
  window.set(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, border);
  window.set(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, border);
  window.set(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64, Ints(2, s.stride));
  window.set(CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, Ints(2, 1));
  return window;
}

/// Names of an operation's attributes: convolution, x, filter, y, alpha, beta.
std::vector<cudnnBackendAttributeName_t> names_of(Kind kind) {
  if (kind == Kind::kForward) {
    return {CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC,
            CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
            CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
            CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y,
            CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
            CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA};
  }
  if (kind == Kind::kBackwardData) {
    return {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
            CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,
            CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
            CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY,
            CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
            CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA};
  }
  return {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA};
}

Descriptor new_operation(Kind kind, const Descriptor& window, const Descriptor& x,
                         const Descriptor& w, const Descriptor& y, float alpha, float beta) {
  const auto names = names_of(kind);
  Descriptor operation(kind == Kind::kForward
                           ? CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR
                       : kind == Kind::kBackwardData
                           ? CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR
                           : CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR);
  operation.set(names[0], window);
  operation.set(names[1], x);
  operation.set(names[2], w);
  operation.set(names[3], y);
  operation.set(names[4], CUDNN_TYPE_FLOAT, alpha);
  operation.set(names[5], CUDNN_TYPE_FLOAT, beta);
  return operation;
}

/// A convolution as cuDNN has it, and its engines.
template <class T>
class Convolution {
 public:
  Convolution(Kind kind, const Shape& s, std::int64_t alignment, float alpha = 1, float beta = 0) {
    constexpr cudnnDataType_t kType = sizeof(T) == 8 ? CUDNN_DATA_DOUBLE : CUDNN_DATA_FLOAT;
    DNN(cudnnCreate(&handle_));
    Descriptor x = new_tensor('x', kType, s.x(), strides_of(s.x(), s.gap), alignment);
    Descriptor w = new_tensor('w', kType, s.w(), strides_of(s.w(), 0), alignment);
    Descriptor y = new_tensor('y', kType, s.y(), strides_of(s.y(), s.gap), alignment);
    Descriptor window = new_window(kType, s);
    for (Descriptor* made : {&x, &w, &y, &window}) DNN(made->finalize());
    Descriptor operation = new_operation(kind, window, x, w, y, alpha, beta);
    DNN(operation.finalize());
    graph_.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, handle_);
    graph_.set(CUDNN_ATTR_OPERATIONGRAPH_OPS, operation);
    DNN(graph_.finalize());
  }
  Convolution(const Convolution&) = delete;
  Convolution& operator=(const Convolution&) = delete;
  ~Convolution() { DNN(cudnnDestroy(handle_)); }

  cudnnHandle_t handle() const { return handle_; }

  std::vector<Descriptor> configurations(cudnnBackendHeurMode_t mode) const {
    Descriptor heuristics(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
    heuristics.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph_);
    heuristics.set(CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, mode);
    DNN(heuristics.finalize());
    std::int64_t counted = 0;
    DNN(cudnnBackendGetAttribute(heuristics.get(), CUDNN_ATTR_ENGINEHEUR_RESULTS,
                                 CUDNN_TYPE_BACKEND_DESCRIPTOR, 0, &counted, nullptr));
    std::vector<Descriptor> all;
    std::vector<cudnnBackendDescriptor_t> handles;
    for (std::int64_t i = 0; i < counted; ++i) {
      handles.push_back(all.emplace_back(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR).get());
    }
    std::int64_t filled = 0;
    DNN(cudnnBackendGetAttribute(heuristics.get(), CUDNN_ATTR_ENGINEHEUR_RESULTS,
                                 CUDNN_TYPE_BACKEND_DESCRIPTOR, counted, &filled, handles.data()));
    CHECK(filled < counted);  // some are left out late
    while (static_cast<std::int64_t>(all.size()) > filled) all.pop_back();
    return all;
  }

  Descriptor new_plan(const Descriptor& configuration) const {
    Descriptor plan(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
    plan.set(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, handle_);
    plan.set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, configuration);
    return plan;
  }

  /// A plan of the first engine with just this numerical note (or none), that takes the shape.
  Descriptor plan_with(std::vector<cudnnBackendNumericalNote_t> notes) const {
    for (const auto mode : {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK}) {
      for (const Descriptor& configuration : configurations(mode)) {
        if (notes_of(configuration) != notes) continue;
        Descriptor plan = new_plan(configuration);
        if (plan.finalize() == CUDNN_STATUS_SUCCESS) return plan;
      }
    }
    CHECK(!"there is such an engine");
    return Descriptor(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
  }

  static std::vector<cudnnBackendNumericalNote_t> notes_of(const Descriptor& configuration) {
    Descriptor engine(CUDNN_BACKEND_ENGINE_DESCRIPTOR);
    cudnnBackendDescriptor_t to_fill = engine.get();
    std::int64_t count = 0;
    DNN(cudnnBackendGetAttribute(configuration.get(), CUDNN_ATTR_ENGINECFG_ENGINE,
                                 CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &count, &to_fill));
    return engine.values<cudnnBackendNumericalNote_t>(CUDNN_ATTR_ENGINE_NUMERICAL_NOTE,
                                                      CUDNN_TYPE_NUMERICAL_NOTE);
  }

  cudnnStatus_t execute(const Descriptor& plan, const Ints& ids, const std::vector<void*>& pointers,
                        void* workspace) const {
    Descriptor pack(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
    pack.set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, ids);
    pack.set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, pointers);
    pack.set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, workspace);
    DNN(pack.finalize());
    return cudnnBackendExecute(handle_, plan.get(), pack.get());
  }

 private:
  cudnnHandle_t handle_ = nullptr;
  Descriptor graph_{CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR};
};

std::size_t workspace_of(const Descriptor& plan) {
  return static_cast<std::size_t>(
      plan.values<std::int64_t>(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64)[0]);
}

template <class T>
std::vector<T> numbers(std::size_t count, int seed) {
  std::vector<T> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] =
        static_cast<T>(static_cast<int>((i * 37 + static_cast<std::size_t>(seed)) % 101) - 50) /
        T(32);
  }
  return values;
}

/// The same by its definition. x, w and y lie in memory as the shape says; what is written is among them.
template <class T>
void convolve(Kind kind, const Shape& s, double alpha, double beta, const std::vector<T>& x,
              const std::vector<T>& w, const std::vector<T>& y, std::vector<double>& out) {
  const Ints sx = strides_of(s.x(), s.gap), sw = strides_of(s.w(), 0),
             sy = strides_of(s.y(), s.gap);
  const auto& before = kind == Kind::kForward ? y : kind == Kind::kBackwardData ? x : w;
  out.assign(before.begin(), before.end());
  const auto at = [](const Ints& strides, std::int64_t a, std::int64_t b, std::int64_t c,
                     std::int64_t d) {
    return static_cast<std::size_t>(a * strides[0] + b * strides[1] + c * strides[2] + d);
  };
  const auto scale = [&](const Ints& extents, const Ints& strides) {
    for (std::int64_t a = 0; a < extents[0]; ++a) {
      for (std::int64_t i = 0; i < extents[1] * extents[2] * extents[3]; ++i) {
        out[static_cast<std::size_t>(a * strides[0] + i)] *= beta;
      }
    }
  };
  if (kind == Kind::kForward) scale(s.y(), sy);
  if (kind == Kind::kBackwardData) scale(s.x(), sx);
  if (kind == Kind::kBackwardFilter) scale(s.w(), sw);
  for (std::int64_t n = 0; n < s.images; ++n) {
    for (std::int64_t k = 0; k < s.outputs; ++k) {
      for (std::int64_t i = 0; i < s.rows(); ++i) {
        for (std::int64_t j = 0; j < s.cols(); ++j) {
          for (std::int64_t c = 0; c < s.inputs; ++c) {
            for (std::int64_t u = 0; u < s.filter; ++u) {
              for (std::int64_t v = 0; v < s.filter; ++v) {
                const std::int64_t row = i * s.stride + u - s.filter / 2;
                const std::int64_t col = j * s.stride + v - s.filter / 2;
                if (row < 0 || row >= s.height || col < 0 || col >= s.width) continue;
                const std::size_t ax = at(sx, n, c, row, col);
                const std::size_t aw = at(sw, k, c, u, v);
                const std::size_t ay = at(sy, n, k, i, j);
                const auto add = [&](std::size_t to, T a, T b) {
                  out[to] += alpha * static_cast<double>(a) * static_cast<double>(b);
                };
                if (kind == Kind::kForward) add(ay, w[aw], x[ax]);
                if (kind == Kind::kBackwardData) add(ax, w[aw], y[ay]);
                if (kind == Kind::kBackwardFilter) add(aw, x[ax], y[ay]);
              }
            }
          }
        }
      }
    }
  }
}

/// Small multiples of 2⁻¹⁰ sum up without rounding, whatever the order.
template <class T>
void test_shape(Kind kind, const Shape& s, std::int64_t alignment, float alpha, float beta) {
  const Convolution<T> convolution(kind, s, alignment, alpha, beta);
  const auto x = numbers<T>(memory_of(s.x(), s.gap), 3);
  const auto w = numbers<T>(memory_of(s.w(), 0), 5);
  const auto y = numbers<T>(memory_of(s.y(), s.gap), 7);
  std::vector<double> wanted;
  convolve(kind, s, static_cast<double>(alpha), static_cast<double>(beta), x, w, y, wanted);
  int tried = 0;
  for (const auto mode : {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK}) {
    for (const Descriptor& configuration : convolution.configurations(mode)) {
      Descriptor plan = convolution.new_plan(configuration);
      const cudnnStatus_t status = plan.finalize();
      if (CUDNN_STATUS_CATEGORY(status) == CUDNN_STATUS_NOT_SUPPORTED) continue;
      DNN(status);
      ++tried;
      const test::DeviceArray<T> dx(x), dw(w), dy(y);
      const test::DeviceArray<char> workspace(std::max<std::size_t>(workspace_of(plan), 1));
      DNN(convolution.execute(plan, {'y', 'x', 'w'}, {dy.data(), dx.data(), dw.data()},
                              workspace.data()));
      const auto found = kind == Kind::kForward        ? dy.get()
                         : kind == Kind::kBackwardData ? dx.get()
                                                       : dw.get();
      bool same = true;
      for (std::size_t i = 0; i < found.size(); ++i) {
        same = same && static_cast<double>(found[i]) == wanted[i];
      }
      CHECK(same);
    }
  }
  CHECK(tried >= (alignment == 16 ? 3 : 2));
}

/// One product a sum, of factors that only rounding changes.
float product_by(std::vector<cudnnBackendNumericalNote_t> notes, float x) {
  const Shape s{1, 1, 1, 1, 1, 3};
  const Convolution<float> convolution(Kind::kForward, s, 16);
  const Descriptor plan = convolution.plan_with(std::move(notes));
  const test::DeviceArray<float> dx(std::vector<float>{x}), dw(std::vector<float>(9, 3)), dy(1);
  const test::DeviceArray<char> workspace(std::max<std::size_t>(workspace_of(plan), 1));
  DNN(convolution.execute(plan, {'x', 'w', 'y'}, {dx.data(), dw.data(), dy.data()},
                          workspace.data()));
  return dy.get()[0];
}

void test_engines_are_what_they_say() {
  // 1 + 2⁻¹¹ is halfway between two numbers of ten bits, and is rounded away from zero.
  const float fine = 1 + 0x1p-11F;
  const float rounded = 3 * (1 + 0x1p-10F);
  CHECK(product_by({}, fine) == 3 * fine);
  CHECK(product_by({CUDNN_NUMERICAL_NOTE_STRICT_NAN_PROP}, fine) == 3 * fine);
  CHECK(product_by({CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC}, fine) == 3 * fine);
  CHECK(product_by({CUDNN_NUMERICAL_NOTE_TENSOR_CORE, CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS},
                   fine) == rounded);
  CHECK(product_by({CUDNN_NUMERICAL_NOTE_WINOGRAD, CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_4x4}, fine) ==
        rounded);
  CHECK(product_by({CUDNN_NUMERICAL_NOTE_FFT}, fine) == rounded);
  CHECK(product_by({CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION}, fine) == rounded);
}

/// Of a long sum the order shows; of the same plan, again and again.
void test_orders() {
  const Shape s{1, 64, 1, 1, 1, 1};
  const Convolution<float> convolution(Kind::kForward, s, 4);
  std::vector<float> x(64);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = 1.0F / static_cast<float>(i + 3);
  const test::DeviceArray<float> dx(x), dw(std::vector<float>(64, 1)), dy(1);
  const test::DeviceArray<char> workspace(4096);
  const auto sums = [&](const Descriptor& plan) {
    std::vector<float> all;
    for (int i = 0; i < 8; ++i) {
      DNN(convolution.execute(plan, {'x', 'w', 'y'}, {dx.data(), dw.data(), dy.data()},
                              workspace.data()));
      all.push_back(dy.get()[0]);
    }
    return all;
  };
  const auto fixed = sums(convolution.plan_with({}));
  CHECK(std::count(fixed.begin(), fixed.end(), fixed[0]) == 8);
  const auto any = sums(convolution.plan_with({CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC}));
  CHECK(std::count(any.begin(), any.end(), any[0]) < 8);
}

/// Recorded into a graph, it runs when that is launched, in the stream's order.
void test_capture() {
  const Shape s{1, 1, 1, 1, 1, 1};
  const Convolution<float> convolution(Kind::kForward, s, 4);
  const Descriptor plan = convolution.plan_with({});
  const test::DeviceArray<float> dx(std::vector<float>{5}), dw(std::vector<float>{7}), dy(1);
  const test::DeviceArray<char> workspace(workspace_of(plan));
  cudaStream_t stream = nullptr;
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  OK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  OK(cudaMemset(dy.data(), 0, sizeof(float)));
  DNN(cudnnSetStream(convolution.handle(), stream));
  OK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
  DNN(convolution.execute(plan, {'x', 'w', 'y'}, {dx.data(), dw.data(), dy.data()},
                          workspace.data()));
  OK(cudaStreamEndCapture(stream, &graph));
  OK(cudaStreamSynchronize(stream));
  CHECK(dy.get()[0] == 0);
  OK(cudaGraphInstantiate(&executable, graph, 0));
  OK(cudaGraphLaunch(executable, stream));
  OK(cudaStreamSynchronize(stream));
  CHECK(dy.get()[0] == 35);
  OK(cudaGraphExecDestroy(executable));
  OK(cudaGraphDestroy(graph));
  OK(cudaStreamDestroy(stream));
}

/// All these statuses were seen of cuDNN 9.24, but those of absent or empty dimensions: its
/// documentation has them.
void test_descriptors_are_checked() {
  const Ints extents = {2, 3, 4, 4};
  const Ints strides = strides_of(extents, 0);
  const auto bad_tensor = [&](const Ints& e, const Ints& st, std::int64_t alignment) {
    return new_tensor('x', CUDNN_DATA_FLOAT, e, st, alignment).finalize();
  };
  CHECK(bad_tensor(extents, strides, 4) == CUDNN_STATUS_SUCCESS);
  CHECK(bad_tensor(extents, strides, 2) == CUDNN_STATUS_BAD_PARAM);
  CHECK(bad_tensor(extents, {16, 4, 1}, 4) == CUDNN_STATUS_BAD_PARAM);
  CHECK(bad_tensor({2, 0, 4, 4}, strides, 4) == CUDNN_STATUS_BAD_PARAM);

  const std::int64_t number = 1;
  Descriptor tensor(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
  CHECK(tensor.finalize() == CUDNN_STATUS_BAD_PARAM);
  std::int64_t count = 0;
  CHECK(cudnnBackendGetAttribute(tensor.get(), CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, 1,
                                 &count, &count) == CUDNN_STATUS_NOT_INITIALIZED);
  CHECK(tensor.try_set(CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_FLOAT, 1, &number) ==
        CUDNN_STATUS_BAD_PARAM_ATTRIBUTE_TYPE);
  CHECK(tensor.try_set(CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, 2, &number) ==
        CUDNN_STATUS_BAD_PARAM);
  CHECK(tensor.try_set(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, 1, &number) ==
        CUDNN_STATUS_BAD_PARAM);
  Descriptor done = new_tensor('x', CUDNN_DATA_FLOAT, extents, strides, 4);
  DNN(done.finalize());
  CHECK(done.finalize() == CUDNN_STATUS_BAD_PARAM);
  CHECK(done.try_set(CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, 1, &number) ==
        CUDNN_STATUS_BAD_PARAM);

  const Shape s{2, 3, 4, 4, 5, 3};
  Descriptor window = new_window(CUDNN_DATA_FLOAT, s);
  DNN(window.finalize());
  Descriptor short_window = new_window(CUDNN_DATA_FLOAT, s);
  short_window.set(CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, Ints(3, 1));
  CHECK(short_window.finalize() == CUDNN_STATUS_BAD_PARAM);
  const auto operation = [&](const Ints& w_strides, const Ints& y_extents, bool finalize_y) {
    Descriptor w = new_tensor('w', CUDNN_DATA_FLOAT, s.w(), w_strides, 4);
    Descriptor y = new_tensor('y', CUDNN_DATA_FLOAT, y_extents, strides_of(y_extents, 0), 4);
    DNN(w.finalize());
    if (finalize_y) DNN(y.finalize());
    return new_operation(Kind::kForward, window, done, w, y, 1, 0).finalize();
  };
  CHECK(operation(strides_of(s.w(), 0), s.y(), true) == CUDNN_STATUS_SUCCESS);
  CHECK(operation(strides_of(s.w(), 0), s.y(), false) == CUDNN_STATUS_BAD_PARAM);
  CHECK(operation(strides_of(s.w(), 3), s.y(), true) == CUDNN_STATUS_BAD_PARAM);
  CHECK(operation(strides_of(s.w(), 0), {2, 5, 3, 4}, true) == CUDNN_STATUS_BAD_PARAM);

  Descriptor pack(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
  void* nowhere = nullptr;
  pack.set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, Ints{'x', 'y'});
  pack.set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, nowhere);
  pack.set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, nowhere);
  CHECK(pack.finalize() == CUDNN_STATUS_BAD_PARAM);
}

void test_executions_are_checked() {
  const Shape s{1, 1, 2, 2, 1, 3};
  const Convolution<float> convolution(Kind::kForward, s, 16);
  const Descriptor wide = convolution.plan_with({CUDNN_NUMERICAL_NOTE_STRICT_NAN_PROP});
  const Descriptor general = convolution.plan_with({});
  const test::DeviceArray<float> x(std::vector<float>(8, 1)), w(std::vector<float>(9, 1)), y(4);
  const test::DeviceArray<char> workspace(workspace_of(general) + 1);
  CHECK(workspace_of(wide) == 0 && workspace_of(general) > 1000);
  const Ints ids = {'x', 'w', 'y'};
  DNN(convolution.execute(wide, ids, {x.data(), w.data(), y.data()}, nullptr));
  CHECK(convolution.execute(wide, ids, {x.data() + 1, w.data(), y.data()}, nullptr) ==
        CUDNN_STATUS_BAD_PARAM_MISALIGNED_POINTER);
  CHECK(convolution.execute(wide, {'x', 'w'}, {x.data(), w.data()}, nullptr) ==
        CUDNN_STATUS_BAD_PARAM);
  CHECK(convolution.execute(wide, {'x', 'w', 'y', 'x'}, {x.data(), w.data(), y.data(), x.data()},
                            nullptr) == CUDNN_STATUS_BAD_PARAM_DUPLICATED_ENTRIES);
  DNN(convolution.execute(general, ids, {x.data(), w.data(), y.data()}, workspace.data()));
  CHECK(convolution.execute(general, ids, {x.data(), w.data(), y.data()}, nullptr) ==
        CUDNN_STATUS_BAD_PARAM_NULL_POINTER);
  CHECK(convolution.execute(general, ids, {x.data(), w.data(), y.data()}, workspace.data() + 1) ==
        CUDNN_STATUS_BAD_PARAM_MISALIGNED_POINTER);
  char message[64];
  cudnnGetLastErrorString(message, sizeof message);
  CHECK(std::strcmp(message, "the workspace is not aligned") == 0);
  OK(cudaDeviceSynchronize());

  // Larger filters no engine takes.
  const Convolution<float> large(Kind::kForward, {1, 1, 2, 2, 1, 7}, 16);
  for (const auto mode : {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK}) {
    for (const Descriptor& configuration : large.configurations(mode)) {
      CHECK(CUDNN_STATUS_CATEGORY(large.new_plan(configuration).finalize()) ==
            CUDNN_STATUS_NOT_SUPPORTED);
    }
  }
}

int run_fault(const std::string& name, bool planted) {
  const Shape s{1, 1, 2, 2, 1, 3};
  const Convolution<float> convolution(Kind::kForward, s, 4, 1, name == "beta_unwritten" ? 1 : 0);
  const Descriptor plan = convolution.plan_with({});
  const test::DeviceArray<float> x(std::vector<float>(8, 1)), w(std::vector<float>(9, 1)), y(4);
  const test::DeviceArray<char> workspace(workspace_of(plan) -
                                          (name == "workspace_bounds" && planted ? 1 : 0));
  const test::DeviceArray<float> raw(4);
  if (name == "beta_unwritten" && !planted) OK(cudaMemset(y.data(), 0, 4 * sizeof(float)));
  float* from = x.data();
  if (planted && name == "convolution_bounds") from = x.data() + 6;
  if (planted && name == "convolution_unwritten") from = raw.data();
  DNN(convolution.execute(plan, {'x', 'w', 'y'}, {from, w.data(), y.data()}, workspace.data()));
  const bool outside = name == "convolution_bounds" || name == "workspace_bounds";
  EXPECT(cudaDeviceSynchronize(), !planted  ? cudaSuccess
                                  : outside ? cudaErrorIllegalAddress
                                            : cudaErrorLaunchFailure);
  return test::result();
}

}  // namespace

int main(int count, char** arguments) {
  if (count == 3) return run_fault(arguments[1], std::strcmp(arguments[2], "planted") == 0);
  CHECK(cudnnGetVersion() == CUDNN_VERSION);
  for (const Kind kind : kKinds) {
    for (const Shape& s : {Shape{2, 3, 5, 4, 2, 3}, Shape{1, 2, 4, 5, 3, 1},
                           Shape{2, 2, 6, 7, 2, 3, 2}, Shape{2, 1, 2, 3, 2, 5, 1, 3}}) {
      test_shape<float>(kind, s, 16, 1, 0);
      test_shape<float>(kind, s, 4, 0.5F, 2);
      test_shape<double>(kind, s, 8, 2, 0.5F);
    }
  }
  test_engines_are_what_they_say();
  test_orders();
  test_capture();
  test_descriptors_are_checked();
  test_executions_are_checked();
  OK(cudaDeviceSynchronize());
  return test::result();
}
