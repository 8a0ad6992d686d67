// What the trainer asks of an architecture.
#pragma once

#include <cstdint>
#include <memory>

#include "core/parameters.h"
#include "core/workspace.h"
#include "models/observer.h"
#include "ops/batch.h"
#include "ops/ops.h"

namespace groklab {

enum class ModelKind : std::uint32_t {
  kTransformer = 0,
  kMlp = 1,
  kLstm = 2,
  kDense = 3,
  kCnn = 4,
  kSeq2Seq = 5
};

/// What determines an architecture.
struct ModelShape {
  ModelKind kind = ModelKind::kTransformer;
  std::int64_t sequence_length = 0;    ///< T, tokens of a row
  std::int64_t vocabulary = 0;         ///< V: rows of the token table
  std::int64_t classes = 0;            ///< logits of an answer; V where rows are tokens
  std::int64_t features = 0;           ///< F, real numbers of a row; 0: the rows are tokens
  ImageShape image;                    ///< of a row's features
  std::int64_t answers = 1;            ///< answers for a row
  std::int64_t source_vocabulary = 0;  ///< symbols of the sequences that are answered; 0: none
  bool causal = true;          ///< of answers in sequence, whether one's place sees none after it
  std::int64_t positions = 0;  ///< rows of the position table
  std::int64_t layers = 2;
  std::int64_t width = 128;   ///< d; of a CNN, channels of the first convolution
  std::int64_t heads = 4;     ///< Transformer: divides d
  std::int64_t hidden = 512;  ///< width of the feed-forward layer, or of an LSTM's state
};

/// What a data set has beside tokens: tables of all its rows, the same for every replica
/// (replica_stride 0).
template <class T>
struct DataTables {
  Matrices<const T> features;            ///< [R, rows, F]; empty: none
  Matrices<const T> weights;             ///< [R, rows, 1] of the rows' losses; empty: all 1
  Matrices<const std::int32_t> sources;  ///< [R, rows, S]; −1 after a sequence's end; empty: none
  Matrices<const std::int32_t> sequences;  ///< [R, rows, U + 1]; the same
};

/// What a pass works with, beside weights: ops, scratch memory, the dropout of this step, and the data
/// set's tables.
template <class T>
struct PassContext {
  Ops<T>& ops;
  Workspace& workspace;
  Vectors<const DropoutKey> dropout;  ///< [R, 1]; empty: no dropout
  DataTables<T> data;
  Observer<T>* observer = nullptr;  ///< may be null

  /// Shows an activation of a forward pass to the observer.
  void show(const ActivationName& name, Matrices<const T> values) const {
    if (observer != nullptr) observer->activation(name, values);
  }

  /// Shows the gradient by an activation that was shown before.
  void show_gradient(const ActivationName& name, Matrices<const T> values) const {
    if (observer != nullptr) observer->gradient(name, values);
  }
};

/// What a forward pass says, and what would have been right.
template <class T>
struct Answers {
  Matrices<T> logits;  ///< [R, N, classes]
  Indices targets;     ///< [R, N]
  Indices counts;      ///< [R, N] rows of the batch that an answer stands for; 0: padding
};

/// An architecture with the activations of its latest forward pass. One object serves one lane;
/// it keeps views into the workspace, which stay valid until that is reset.
template <class T>
class Model {
 public:
  Model() = default;
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;
  virtual ~Model() = default;

  [[nodiscard]] virtual const ParameterLayout& parameters() const = 0;

  /// What `backward` reads of a batch.
  [[nodiscard]] virtual BatchNeeds needs() const = 0;

  /// Whether its layers compute a state for each node of the tree (though the last one may do so for
  /// the leaves alone); else they have one for a whole row.
  [[nodiscard]] virtual bool has_states_at_nodes() const = 0;

  /// An answer for each leaf, or as many as the model has for a row (ModelShape::answers), row by row.
  virtual Answers<T> forward(const PassContext<T>& context, const Batch& batch,
                             FlatBuffer<const T> weights) = 0;

  /// Gradients of all parameters, given those of the logits of the latest forward pass. Every
  /// element of `gradients` is written once; none is read.
  virtual void backward(const PassContext<T>& context, const Batch& batch,
                        FlatBuffer<const T> weights, Matrices<T> dlogits,
                        FlatBuffer<T> gradients) = 0;
};

}  // namespace groklab
