// The LSTM cell (Hochreiter & Schmidhuber, "Long short-term memory", 1997), all of a step after the
// products in one pass: each thread has the same columns of a node's four gates and of its states.
#include "ops/cuda/kernels/cuda_ops.h"
#include "ops/cuda/kernels/elements.cuh"

namespace groklab::cuda {

namespace {

/// In the order in which a row of gates holds them, H columns each.
enum Gate { kInput, kForget, kCandidate, kOutput, kGates };

/// σ; the sum in its denominator cancels nothing, so its relative error is small in both tails.
__device__ inline float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }
__device__ inline double sigmoid(double x) { return 1.0 / (1.0 + exp(-x)); }

__device__ inline float squash(float x) { return tanhf(x); }
__device__ inline double squash(double x) { return tanh(x); }

/// The row of another matrix that node n takes.
__device__ inline std::int64_t row_of(const Indices& rows, std::int64_t r, std::int64_t n) {
  return rows.empty() ? n : rows.replica(r)[n];
}

/// The same columns of each gate.
template <class T>
using Gates = Pack<T>[kGates];

template <class T>
__device__ void load_gates(const T* row, std::int64_t j, std::int64_t width, bool aligned,
                           Gates<T>& gates) {
#pragma unroll
  for (int gate = 0; gate < kGates; ++gate) {
    gates[gate] = load_pack(row + gate * width, j, width, aligned);
  }
}

template <class T>
__device__ void store_gates(const Gates<T>& gates, T* row, std::int64_t j, std::int64_t width,
                            bool aligned) {
#pragma unroll
  for (int gate = 0; gate < kGates; ++gate) {
    store_pack(gates[gate], row + gate * width, j, width, aligned);
  }
}

template <class T>
struct CellForward {
  static constexpr int kWidth = kPieceSize<T>;
  LstmCellForward<T> args;
  bool aligned;

  __device__ void operator()(std::int64_t r, std::int64_t n, std::int64_t j) const {
    const std::int64_t width = args.cell.cols;
    // The loads first, so that they are under way together.
    Gates<T> gates;
    Gates<T> hidden = {};
    Gates<T> bias = {};
    Pack<T> cell = {};
    load_gates(args.input.row(r, row_of(args.input_rows, r, n)), j, width, aligned, gates);
    if (!args.bias.empty()) load_gates(args.bias.replica(r), j, width, aligned, bias);
    if (!args.hidden.empty()) {
      load_gates(args.hidden.row(r, row_of(args.parents, r, n)), j, width, aligned, hidden);
    }
    if (!args.previous_cell.empty()) {
      const T* const previous = args.previous_cell.row(r, row_of(args.parents, r, n));
      cell = load_pack(previous, j, width, aligned);
    }

    Pack<T> squashed;
    Pack<T> output;
#pragma unroll
    for (int k = 0; k < kWidth; ++k) {
#pragma unroll
      for (int gate = 0; gate < kGates; ++gate) {
        const T a = gates[gate][k] + hidden[gate][k] + bias[gate][k];
        gates[gate][k] = gate == kCandidate ? squash(a) : sigmoid(a);
      }
      cell[k] = gates[kForget][k] * cell[k] + gates[kInput][k] * gates[kCandidate][k];
      squashed[k] = squash(cell[k]);
      output[k] = gates[kOutput][k] * squashed[k];
    }
    store_gates(gates, args.gates.row(r, n), j, width, aligned);
    store_pack(cell, args.cell.row(r, n), j, width, aligned);
    store_pack(squashed, args.squashed_cell.row(r, n), j, width, aligned);
    store_pack(output, args.output.row(r, n), j, width, aligned);
  }
};

/// σ' = σ(1 − σ), tanh' = 1 − tanh².
template <class T>
struct CellBackward {
  static constexpr int kWidth = kPieceSize<T>;
  LstmCellBackward<T> args;
  bool aligned;

  __device__ void operator()(std::int64_t r, std::int64_t n, std::int64_t j) const {
    const std::int64_t width = args.doutput.cols;
    // The loads first: the gates may lie where their gradients go.
    Gates<T> gates;
    Pack<T> previous = {};
    Pack<T> dcell = {};
    load_gates(args.gates.row(r, n), j, width, aligned, gates);
    const Pack<T> squashed = load_pack(args.squashed_cell.row(r, n), j, width, aligned);
    const Pack<T> doutput = load_pack(args.doutput.row(r, n), j, width, aligned);
    if (!args.dcell.empty()) dcell = load_pack(args.dcell.row(r, n), j, width, aligned);
    if (!args.previous_cell.empty()) {
      const T* const row = args.previous_cell.row(r, row_of(args.parents, r, n));
      previous = load_pack(row, j, width, aligned);
    }

#pragma unroll
    for (int k = 0; k < kWidth; ++k) {
      const T input = gates[kInput][k];
      const T forget = gates[kForget][k];
      const T candidate = gates[kCandidate][k];
      const T output = gates[kOutput][k];
      const T dc = dcell[k] + doutput[k] * output * (T{1} - squashed[k] * squashed[k]);
      gates[kInput][k] = dc * candidate * (input * (T{1} - input));
      gates[kForget][k] = dc * previous[k] * (forget * (T{1} - forget));
      gates[kCandidate][k] = dc * input * (T{1} - candidate * candidate);
      gates[kOutput][k] = doutput[k] * squashed[k] * (output * (T{1} - output));
      dcell[k] = dc * forget;  // from here on the parent's
    }
    store_gates(gates, args.dgates.row(r, n), j, width, aligned);
    if (args.dprevious_cell.empty()) return;
    store_pack(dcell, args.dprevious_cell.row(r, n), j, width, aligned);
  }
};

/// Whether the gates' columns begin at whole pieces, as rows do.
template <class T>
bool gates_aligned(std::int64_t width) {
  return width % kPieceSize<T> == 0;
}

}  // namespace

template <class T>
void CudaOps<T>::lstm_cell_forward(const LstmCellForward<T>& args) {
  const std::int64_t width = args.cell.cols;
  const bool aligned = gates_aligned<T>(width) &&
                       all_aligned(args.input, args.hidden, args.previous_cell, args.bias,
                                   args.gates, args.cell, args.squashed_cell, args.output);
  launch_for_each_pack(stream_, "lstm_cell_forward", CellForward<T>{args, aligned},
                       args.cell.replicas, args.cell.rows, width);
}

template <class T>
void CudaOps<T>::lstm_cell_backward(const LstmCellBackward<T>& args) {
  const std::int64_t width = args.doutput.cols;
  const bool aligned = gates_aligned<T>(width) &&
                       all_aligned(args.doutput, args.dcell, args.gates, args.squashed_cell,
                                   args.previous_cell, args.dgates, args.dprevious_cell);
  launch_for_each_pack(stream_, "lstm_cell_backward", CellBackward<T>{args, aligned},
                       args.doutput.replicas, args.doutput.rows, width);
}

template void CudaOps<float>::lstm_cell_forward(const LstmCellForward<float>&);
template void CudaOps<double>::lstm_cell_forward(const LstmCellForward<double>&);
template void CudaOps<float>::lstm_cell_backward(const LstmCellBackward<float>&);
template void CudaOps<double>::lstm_cell_backward(const LstmCellBackward<double>&);

}  // namespace groklab::cuda
