// The LSTM cell (Hochreiter & Schmidhuber 1997), row by row: the four gates of a node, its cell state
// and its output in one pass.
#include "ops/cpu/kernels/cpu_ops.h"
#include "ops/cpu/kernels/math.h"

namespace groklab::cpu::GROKLAB_ISA {

namespace {

// Arithmetic operations per element of the state.
constexpr std::int64_t kForwardCost = 120;
constexpr std::int64_t kBackwardCost = 30;

std::int64_t row_of(const Indices& rows, std::int64_t r, std::int64_t n) {
  return rows.empty() ? n : rows.replica(r)[n];
}

/// The row that node n goes on from; null where there is none.
template <class T>
const T* parent_row(const Matrices<const T>& x, const Indices& parents, std::int64_t r,
                    std::int64_t n) {
  return x.empty() ? nullptr : x.row(r, row_of(parents, r, n));
}

template <class T>
void forward_row(const LstmCellForward<T>& args, std::int64_t r, std::int64_t n) {
  const std::int64_t width = args.cell.cols;
  const T* const input = args.input.row(r, row_of(args.input_rows, r, n));
  const T* const hidden = parent_row(args.hidden, args.parents, r, n);
  const T* const previous = parent_row(args.previous_cell, args.parents, r, n);
  const T* const bias = args.bias.replica(r);
  T* const gates = args.gates.row(r, n);
  for_vectors<T>(width, [&](std::int64_t j, std::int64_t lanes) {
    Vec<T> a[4];
#pragma GCC unroll 4
    for (int g = 0; g < 4; ++g) {
      const std::int64_t at = g * width + j;
      a[g] = load_lanes(input + at, lanes) + load_lanes(bias + at, lanes);
      if (hidden != nullptr) a[g] += load_lanes(hidden + at, lanes);
    }
    const Vec<T> in = sigmoid<T>(a[0]);
    const Vec<T> forget = sigmoid<T>(a[1]);
    const Vec<T> candidate = tanh<T>(a[2]);
    const Vec<T> out = sigmoid<T>(a[3]);
    Vec<T> cell = in * candidate;
    if (previous != nullptr) cell += forget * load_lanes(previous + j, lanes);
    const Vec<T> squashed = tanh<T>(cell);
    store_lanes(gates + j, in, lanes);
    store_lanes(gates + width + j, forget, lanes);
    store_lanes(gates + 2 * width + j, candidate, lanes);
    store_lanes(gates + 3 * width + j, out, lanes);
    store_lanes(args.cell.row(r, n) + j, cell, lanes);
    store_lanes(args.squashed_cell.row(r, n) + j, squashed, lanes);
    store_lanes(args.output.row(r, n) + j, out * squashed, lanes);
  });
}

template <class T>
void backward_row(const LstmCellBackward<T>& args, std::int64_t r, std::int64_t n) {
  const std::int64_t width = args.doutput.cols;
  const T* const gates = args.gates.row(r, n);
  const T* const doutput = args.doutput.row(r, n);
  const T* const later = args.dcell.empty() ? nullptr : args.dcell.row(r, n);
  const T* const previous = parent_row(args.previous_cell, args.parents, r, n);
  T* const dgates = args.dgates.row(r, n);
  T* const dprevious = args.dprevious_cell.empty() ? nullptr : args.dprevious_cell.row(r, n);
  for_vectors<T>(width, [&](std::int64_t j, std::int64_t lanes) {
    const Vec<T> in = load_lanes(gates + j, lanes);
    const Vec<T> forget = load_lanes(gates + width + j, lanes);
    const Vec<T> candidate = load_lanes(gates + 2 * width + j, lanes);
    const Vec<T> out = load_lanes(gates + 3 * width + j, lanes);
    const Vec<T> squashed = load_lanes(args.squashed_cell.row(r, n) + j, lanes);
    const Vec<T> dout = load_lanes(doutput + j, lanes);
    Vec<T> dcell = dout * out * (T{1} - squashed * squashed);
    if (later != nullptr) dcell += load_lanes(later + j, lanes);
    Vec<T> dforget = {};
    if (previous != nullptr) dforget = dcell * load_lanes(previous + j, lanes);
    // σ' = σ(1 − σ), tanh' = 1 − tanh².
    store_lanes(dgates + j, dcell * candidate * in * (T{1} - in), lanes);
    store_lanes(dgates + width + j, dforget * forget * (T{1} - forget), lanes);
    store_lanes(dgates + 2 * width + j, dcell * in * (T{1} - candidate * candidate), lanes);
    store_lanes(dgates + 3 * width + j, dout * squashed * out * (T{1} - out), lanes);
    if (dprevious != nullptr) store_lanes(dprevious + j, dcell * forget, lanes);
  });
}

}  // namespace

template <class T>
void CpuOps<T>::lstm_cell_forward(const LstmCellForward<T>& args) {
  for (std::int64_t r = 0; r < args.cell.replicas; ++r) {
    team_.for_ranges(args.cell.rows, args.cell.cols * kForwardCost, 1,
                     [&](std::int64_t begin, std::int64_t end, int) {
                       for (std::int64_t n = begin; n < end; ++n) forward_row(args, r, n);
                     });
  }
}

template <class T>
void CpuOps<T>::lstm_cell_backward(const LstmCellBackward<T>& args) {
  for (std::int64_t r = 0; r < args.doutput.replicas; ++r) {
    team_.for_ranges(args.doutput.rows, args.doutput.cols * kBackwardCost, 1,
                     [&](std::int64_t begin, std::int64_t end, int) {
                       for (std::int64_t n = begin; n < end; ++n) backward_row(args, r, n);
                     });
  }
}

template void CpuOps<float>::lstm_cell_forward(const LstmCellForward<float>&);
template void CpuOps<double>::lstm_cell_forward(const LstmCellForward<double>&);
template void CpuOps<float>::lstm_cell_backward(const LstmCellBackward<float>&);
template void CpuOps<double>::lstm_cell_backward(const LstmCellBackward<double>&);

}  // namespace groklab::cpu::GROKLAB_ISA
