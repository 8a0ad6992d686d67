// The work of one step of a group of replicas, recorded once in a queue and replayed step after
// step: the step's rows and rates are read from a table, its results written to another.
#pragma once

#include <cstdint>
#include <memory>

#include "core/parameters.h"
#include "core/workspace.h"
#include "models/model.h"
#include "ops/backend.h"
#include "train/activations.h"
#include "train/tree_plan.h"

namespace groklab {

enum class PassKind {
  kEvaluation,  ///< forward alone
  kGradients,   ///< forward and backward
  kTraining,    ///< forward, backward and update
};

/// What tells passes apart; two of the same description do the same work on the same memory.
struct PassDescription {
  PassKind kind = PassKind::kEvaluation;
  TreePlan* plan = nullptr;
  std::int64_t capacity = 0;  ///< B, the plan's
  bool dropout = false;
  bool clips = false;      ///< whether norms of gradients are needed
  std::int64_t first = 0;  ///< first slot
  std::int64_t replicas = 1;

  bool operator==(const PassDescription&) const = default;
};

/// Flat buffers of the group.
template <class T>
struct PassBuffers {
  FlatBuffer<T> parameters;
  FlatBuffer<T> gradients;
  OptimizerState<T> state;
};

/// One replica's inputs of one step; the numbers of its rows follow.
struct StepInputs {
  OptimizerStep update;
  DropoutKey dropout;
  std::int32_t batch_size = 0;
  std::int32_t reserved = 0;
};

/// One replica's results of one step.
struct StepResults {
  double loss = 0;     ///< mean over the batch
  double correct = 0;  ///< number of right rows
};

template <class T>
class RecordedPass {
 public:
  /// @param steps rows of the tables: the most steps that one `run` makes.
  /// @param workspace one that all passes of the queue share.
  /// @param tables the data set's, as the group's replicas see them.
  /// @param observer of what is recorded, or null.
  RecordedPass(const std::shared_ptr<Backend>& backend, Queue& queue, Model<T>& model,
               Workspace& workspace, const DeviceDataset& dataset, const DataTables<T>& tables,
               const PassDescription& description, const PassBuffers<T>& buffers,
               std::int64_t steps, ActivationCopy<T>* observer = nullptr);

  [[nodiscard]] const PassDescription& description() const { return description_; }
  [[nodiscard]] std::int64_t steps() const { return steps_; }

  /// Inputs of replica i of the group at step s, to be written before `run`.
  [[nodiscard]] StepInputs& inputs(std::int64_t s, std::int64_t i);
  /// [capacity], of which the first batch_size are read.
  [[nodiscard]] std::int32_t* rows(std::int64_t s, std::int64_t i);

  /// Enqueues steps 0 … count − 1. The inputs must stay as they are until the queue is waited for;
  /// then the results can be read.
  void run(std::int64_t count);
  [[nodiscard]] const StepResults& results(std::int64_t s, std::int64_t i) const;

  /// Logits [R, capacity·answers, classes] of the latest step of an evaluation.
  [[nodiscard]] Matrices<const T> logits() const { return logits_; }

  /// Bytes of device memory that such a pass takes, beside the workspace.
  [[nodiscard]] static std::int64_t device_bytes(const Model<T>& model,
                                                 const PassDescription& description,
                                                 std::int64_t steps);

  /// Bytes that such a pass takes from the workspace; of ops only their scratch memory is asked for.
  [[nodiscard]] static std::int64_t workspace_bytes(Model<T>& model, Ops<T>& ops,
                                                    const Dataset& dataset,
                                                    const PassDescription& description);

 private:
  void compute(Ops<T>& ops);

  Queue& queue_;
  Model<T>& model_;
  Workspace& workspace_;
  DataTables<T> tables_;
  ActivationCopy<T>* observer_;
  PassDescription description_;
  PassBuffers<T> buffers_;
  std::int64_t steps_;
  std::int64_t words_;  // of one replica's inputs

  // Layouts: inputs [steps, R, words], results [steps, R].
  StagingArray<std::int32_t> staged_inputs_;
  StagingArray<StepResults> staged_results_;
  StagingArray<std::int64_t> zero_;
  DeviceArray<std::int32_t> input_table_;
  DeviceArray<StepResults> result_table_;
  DeviceArray<std::int64_t> cursor_;
  DeviceArray<std::int32_t> present_inputs_;  // [R, words]
  DeviceArray<StepResults> present_results_;  // [R]
  DeviceArray<std::int32_t> tree_;
  PlannedBatch planned_;
  Matrices<T> logits_;
  std::unique_ptr<Recording> recording_;
};

extern template class RecordedPass<float>;
extern template class RecordedPass<double>;

}  // namespace groklab
