// The LSTM cell, gate by gate.
#include <cmath>

#include "ops/naive/naive_ops.h"

namespace groklab::naive {
namespace {

using Index = std::int64_t;

double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

Index row_of(Indices rows, Index r, Index n) { return rows.empty() ? n : rows.replica(r)[n]; }

/// Cell state that node n goes on from.
template <class T>
double previous(Matrices<const T> cell, Indices parents, Index r, Index n, Index j) {
  return cell.empty() ? 0.0 : static_cast<double>(cell.row(r, row_of(parents, r, n))[j]);
}

}  // namespace

template <class T>
void NaiveOps<T>::lstm_cell_forward(const LstmCellForward<T>& args) {
  const Index width = args.cell.cols;
  for (Index r = 0; r < args.cell.replicas; ++r) {
    for (Index n = 0; n < args.cell.rows; ++n) {
      const auto preactivation = [&](Index gate, Index j) {
        const Index at = gate * width + j;
        double a = static_cast<double>(args.input.row(r, row_of(args.input_rows, r, n))[at]) +
                   static_cast<double>(args.bias.replica(r)[at]);
        if (!args.hidden.empty()) {
          a += static_cast<double>(args.hidden.row(r, row_of(args.parents, r, n))[at]);
        }
        return a;
      };
      for (Index j = 0; j < width; ++j) {
        const double input = sigmoid(preactivation(0, j));
        const double forget = sigmoid(preactivation(1, j));
        const double candidate = std::tanh(preactivation(2, j));
        const double output = sigmoid(preactivation(3, j));
        const double cell =
            forget * previous(args.previous_cell, args.parents, r, n, j) + input * candidate;
        const double gates[] = {input, forget, candidate, output};
        for (Index gate = 0; gate < 4; ++gate) {
          args.gates.row(r, n)[gate * width + j] = static_cast<T>(gates[gate]);
        }
        args.cell.row(r, n)[j] = static_cast<T>(cell);
        args.squashed_cell.row(r, n)[j] = static_cast<T>(std::tanh(cell));
        args.output.row(r, n)[j] = static_cast<T>(output * std::tanh(cell));
      }
    }
  }
}

template <class T>
void NaiveOps<T>::lstm_cell_backward(const LstmCellBackward<T>& args) {
  const Index width = args.doutput.cols;
  for (Index r = 0; r < args.doutput.replicas; ++r) {
    for (Index n = 0; n < args.doutput.rows; ++n) {
      for (Index j = 0; j < width; ++j) {
        const auto gate = [&](Index g) {
          return static_cast<double>(args.gates.row(r, n)[g * width + j]);
        };
        const double input = gate(0);
        const double forget = gate(1);
        const double candidate = gate(2);
        const double output = gate(3);
        const auto squashed = static_cast<double>(args.squashed_cell.row(r, n)[j]);
        const auto doutput = static_cast<double>(args.doutput.row(r, n)[j]);
        double dcell = doutput * output * (1.0 - squashed * squashed);
        if (!args.dcell.empty()) dcell += static_cast<double>(args.dcell.row(r, n)[j]);
        const double dforget = dcell * previous(args.previous_cell, args.parents, r, n, j);
        // σ' = σ(1 − σ), tanh' = 1 − tanh².
        const double dgates[] = {dcell * candidate * input * (1.0 - input),
                                 dforget * forget * (1.0 - forget),
                                 dcell * input * (1.0 - candidate * candidate),
                                 doutput * squashed * output * (1.0 - output)};
        for (Index g = 0; g < 4; ++g) {
          args.dgates.row(r, n)[g * width + j] = static_cast<T>(dgates[g]);
        }
        if (!args.dprevious_cell.empty()) {
          args.dprevious_cell.row(r, n)[j] = static_cast<T>(dcell * forget);
        }
      }
    }
  }
}

template void NaiveOps<float>::lstm_cell_forward(const LstmCellForward<float>&);
template void NaiveOps<double>::lstm_cell_forward(const LstmCellForward<double>&);
template void NaiveOps<float>::lstm_cell_backward(const LstmCellBackward<float>&);
template void NaiveOps<double>::lstm_cell_backward(const LstmCellBackward<double>&);

}  // namespace groklab::naive
