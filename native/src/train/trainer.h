// Replicas of one architecture, trained together: weights, gradients, moments and step counters,
// and what is done with them. Policy (splits, batches, rates, stopping) is the caller's.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/parameters.h"
#include "models/model.h"
#include "ops/backend.h"
#include "train/activations.h"
#include "train/counted_memory.h"
#include "train/dataset.h"
#include "train/step_cost.h"

namespace groklab {

enum class FlatBufferKind : std::uint32_t {
  kParameters = 0,
  kGradients = 1,
  kFirstMoments = 2,
  kSecondMoments = 3,
  kMomentum = 4,
};

inline constexpr std::int64_t kFlatBufferKinds = 5;

/// What one replica has for itself.
struct ReplicaOptions {
  std::int64_t batch_capacity = 0;  ///< most rows of its batches; 0: as many as its chunks allow
  std::uint64_t dropout_seed = 0;
  double dropout = 0;
  Optimizer optimizer;

  /// Whether the replica has such a flat buffer: weights, gradients, and what its optimizer keeps.
  [[nodiscard]] bool keeps(FlatBufferKind kind) const {
    switch (kind) {
      case FlatBufferKind::kParameters:
      case FlatBufferKind::kGradients:
        return true;
      case FlatBufferKind::kFirstMoments:
        return optimizer.has_first_moments();
      case FlatBufferKind::kSecondMoments:
        return optimizer.has_second_moments();
      case FlatBufferKind::kMomentum:
        return optimizer.has_momentum();
    }
    return false;
  }
};

struct TrainerOptions {
  Precision precision = Precision::kFp32;
  bool dense = false;  ///< never share prefixes
  ModelShape model;
  std::vector<ReplicaOptions> replicas;
};

/// The next steps of the active replicas; shapes as in groklab.h's groklab_chunk.
struct Chunk {
  std::int64_t steps = 0;
  std::int64_t batch_capacity = 1;
  const std::int32_t* rows = nullptr;
  const std::int32_t* batch_sizes = nullptr;
  const double* learning_rates = nullptr;
  double* losses = nullptr;          ///< may be null
  std::vector<std::int64_t> active;  ///< replica numbers, ascending
};

/// Where an evaluation's results go; shapes as in groklab.h's groklab_evaluation.
struct Evaluation {
  std::int64_t splits = 0;
  double* losses = nullptr;          ///< may be null
  double* accuracies = nullptr;      ///< may be null
  double* weight_norms = nullptr;    ///< may be null
  std::vector<std::int64_t> active;  ///< replica numbers, ascending
};

/// What a trainer will be asked to do, as far as its memory depends on it; as in groklab.h.
struct Workload {
  std::int64_t batch_capacity = 0;  ///< of replicas that do not say; 0 where all do
  std::int64_t chunk_steps = 1;
  std::vector<std::int64_t> split_rows;  ///< [S]
};

/// Arguments are taken to be right: src/abi checks what users pass.
class Trainer {
 public:
  Trainer() = default;
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;
  virtual ~Trainer() = default;

  [[nodiscard]] virtual const TrainerOptions& options() const = 0;
  [[nodiscard]] virtual const Dataset& dataset() const = 0;
  [[nodiscard]] virtual const ParameterLayout& parameters() const = 0;

  virtual void initialize(std::int64_t replica, std::uint64_t seed) = 0;

  /// Copies a flat buffer of P reals.
  virtual void read(std::int64_t replica, FlatBufferKind kind, void* to) = 0;
  virtual void write(std::int64_t replica, FlatBufferKind kind, const void* from) = 0;

  [[nodiscard]] virtual std::int64_t step(std::int64_t replica) const = 0;
  virtual void set_step(std::int64_t replica, std::int64_t step) = 0;

  /// Takes all memory that the workload needs: while it is kept to, nothing more is taken.
  virtual void reserve(const Workload& workload) = 0;
  [[nodiscard]] virtual MemoryUse memory_used() const = 0;

  virtual void run(const Chunk& chunk) = 0;

  virtual void set_split(std::int64_t replica, std::int64_t split,
                         std::span<const std::int32_t> rows) = 0;
  [[nodiscard]] virtual bool has_split(std::int64_t replica, std::int64_t split) const = 0;
  virtual void evaluate(const Evaluation& evaluation) = 0;

  /// Loss of a batch; its gradients go to the replica's gradient buffer.
  virtual double gradient(std::int64_t replica, std::span<const std::int32_t> rows) = 0;

  /// What the model shows of each row.
  [[nodiscard]] virtual const std::vector<ActivationInfo>& activations() const = 0;

  /// One of them, [rows, positions, width] reals, and the gradient by it of the rows' mean loss, without
  /// dropout. As with `gradient`, gradients of the parameters go to the gradient buffer.
  /// @param gradients may be null.
  virtual void observe(std::int64_t replica, std::size_t activation,
                       std::span<const std::int32_t> rows, void* values, void* gradients) = 0;

  /// What a training step on a batch costs; changes nothing.
  [[nodiscard]] virtual StepCost step_cost(std::int64_t replica,
                                           std::span<const std::int32_t> rows) const = 0;

  /// Logits [rows, answers, classes], reals, in the order of the rows given.
  virtual void logits(std::int64_t replica, std::span<const std::int32_t> rows, void* to) = 0;

  /// The same for rows that are in no data set. @param features [count, F], of at most as many rows as
  /// the data set has.
  virtual void predict(std::int64_t replica, std::span<const float> features, std::int64_t count,
                       void* to) = 0;
};

/// Throws Error(kOutOfMemory) where the replicas' buffers do not fit.
std::unique_ptr<Trainer> make_trainer(std::shared_ptr<Backend> backend,
                                      std::shared_ptr<const Dataset> dataset,
                                      TrainerOptions options);

/// What a trainer on this backend will have taken once the workload is reserved, to the byte. Takes
/// little itself, whatever the answer.
MemoryUse memory_needed(Backend& backend, std::shared_ptr<const Dataset> dataset,
                        TrainerOptions options, const Workload& workload);

}  // namespace groklab
