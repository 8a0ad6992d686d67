// The engine as its users have it, for tests: handles that close themselves, failures that throw.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "groklab/groklab.h"

namespace groklab::test {

/// A status other than OK that the test did not ask for.
class AbiError : public std::runtime_error {
 public:
  AbiError(groklab_status status, const std::string& message)
      : std::runtime_error("status " + std::to_string(status) + ": " + message), status_(status) {}

  [[nodiscard]] groklab_status status() const { return status_; }

 private:
  groklab_status status_;
};

/// Throws AbiError unless the status is OK.
void expect_ok(groklab_status status);

struct CloseHandle {
  void operator()(groklab_engine* engine) const { groklab_engine_destroy(engine); }
  void operator()(groklab_dataset* dataset) const { groklab_dataset_destroy(dataset); }
  void operator()(groklab_trainer* trainer) const { groklab_trainer_destroy(trainer); }
};
using EngineHandle = std::unique_ptr<groklab_engine, CloseHandle>;
using DatasetHandle = std::unique_ptr<groklab_dataset, CloseHandle>;
using TrainerHandle = std::unique_ptr<groklab_trainer, CloseHandle>;

/// A backend, and for the CPU an instruction set of it.
struct Compute {
  uint32_t backend = GROKLAB_BACKEND_CPU;
  std::string instruction_set;  ///< empty: the best

  [[nodiscard]] std::string name() const;
};

/// The CPU with each instruction set that runs here, best first.
std::vector<Compute> cpu_computes();

/// Those, and the naive backend.
std::vector<Compute> all_computes();

/// The backend that is named cpu, cuda or naive.
Compute compute_named(const std::string& name);

EngineHandle open_engine(const Compute& compute, uint32_t threads);

/// Token sequences and targets.
struct Table {
  uint32_t vocabulary = 0;
  uint32_t sequence_length = 0;
  std::vector<int32_t> tokens;
  std::vector<int32_t> targets;

  [[nodiscard]] int64_t rows() const { return static_cast<int64_t>(targets.size()); }
};

/// All sums of `summands` numbers modulo p, the last number changing fastest: tokens 0 … p−1 are
/// numbers, p is the operator, p+1 equals. A setup names p and the summands.
Table addition_table(uint32_t p, uint32_t summands);

DatasetHandle open_dataset(groklab_engine* engine, const Table& table);

/// Vectors of real numbers, or images, and targets.
struct Features {
  uint32_t classes = 0;
  uint32_t size = 0;  ///< numbers of a vector, channels of an image
  std::vector<float> values;
  std::vector<int32_t> targets;
  std::vector<double> weights = {};  ///< empty: none
  uint32_t height = 1;
  uint32_t width = 1;

  [[nodiscard]] int64_t rows() const { return static_cast<int64_t>(targets.size()); }
  [[nodiscard]] groklab_features_options options() const;
};

/// The rows of an addition table as vectors of its numbers, without operators.
Features addition_features(uint32_t p, uint32_t summands);

/// The same as images of 9 × 10: number x gives a channel that has (x + 1) n mod 13 over 4 at its n-th
/// pixel, n from 1.
Features addition_images(uint32_t p, uint32_t summands);

DatasetHandle open_dataset(groklab_engine* engine, const Features& features);

/// Pairs of sequences; −1 fills a row up.
struct Pairs {
  uint32_t source_vocabulary = 0;
  uint32_t source_length = 0;  ///< S
  uint32_t target_vocabulary = 0;
  uint32_t target_length = 0;    ///< U
  std::vector<int32_t> sources;  ///< [rows, S]
  std::vector<int32_t> targets;  ///< [rows, U + 1]

  [[nodiscard]] int64_t rows() const {
    return static_cast<int64_t>(sources.size() / source_length);
  }
  [[nodiscard]] groklab_pairs_options options() const;
};

/// The rows of an addition table as pairs of sequences of several lengths, U = 4. A source is the
/// numbers x₁ … x_K and, x₁ mod 3 times, the token p. Its target is p, the sum s, as many of s + 1 and
/// s + 2 (mod p) as x_K mod 3 says, and p + 1. goldens/seq2seq.py makes the same.
Pairs addition_pairs(uint32_t p, uint32_t summands);
inline constexpr uint32_t kPairAnswers = 4;

DatasetHandle open_dataset(groklab_engine* engine, const Pairs& pairs);

/// Optimizers: AdamW as the report has it, and others with rates that suit its tasks.
groklab_optimizer_options adamw();
groklab_optimizer_options adam();
groklab_optimizer_options sgd(double momentum = 0, bool nesterov = false);
groklab_optimizer_options rmsprop(double momentum = 0, bool centered = false);

/// The flat buffers that a replica has from step to step: its parameters, and what its optimizer
/// keeps.
std::vector<uint32_t> kept_buffers(const groklab_optimizer_options& optimizer);

/// What a replica has for itself.
struct Replica {
  uint32_t batch_capacity = 0;
  double dropout = 0;
  uint64_t dropout_seed = 1;
  groklab_optimizer_options optimizer = adamw();
};

/// What a trainer is made of.
struct Setup {
  uint32_t model = GROKLAB_MODEL_TRANSFORMER;
  uint32_t p = 7;
  uint32_t summands = 2;
  uint32_t layers = 2;
  uint32_t width = 12;
  uint32_t heads = 3;  ///< of Transformers
  uint32_t hidden = 20;
  uint32_t looks_ahead = 0;  ///< of a model over pairs
  uint32_t precision = GROKLAB_FP64;
  uint32_t layout = GROKLAB_LAYOUT_AUTO;
  std::vector<Replica> replicas = {};
};

/// A setup's model, and the rows that it is for: an addition table's, as tokens or as real numbers.
groklab_model_options model_options(const Setup& setup);
DatasetHandle open_dataset(groklab_engine* engine, const Setup& setup);

/// Steps of all replicas of a trainer, as its owner would hand them over.
struct Steps {
  Steps(int64_t replicas, int64_t count, int64_t batch_capacity);

  /// Sets step `step` of a replica.
  void set(int64_t replica, int64_t step, std::span<const int32_t> batch, double learning_rate);

  [[nodiscard]] groklab_chunk chunk();

  int64_t count;
  int64_t capacity;
  std::vector<int32_t> rows;
  std::vector<int32_t> sizes;
  std::vector<double> rates;
  std::vector<double> losses;
};

/// A trainer and its data set: modular addition, or another table. A model over real numbers gets the
/// table's rows as vectors, one over pairs as pairs of sequences.
class Trainer {
 public:
  Trainer(groklab_engine* engine, const Setup& setup);
  Trainer(groklab_engine* engine, const Setup& setup, const Table& table);
  Trainer(groklab_engine* engine, const Setup& setup, const Features& features);
  Trainer(groklab_engine* engine, const Setup& setup, const Pairs& pairs);

  [[nodiscard]] groklab_trainer* handle() const { return trainer_.get(); }
  [[nodiscard]] groklab_dataset* dataset() const { return dataset_.get(); }
  [[nodiscard]] int64_t parameters() const { return info_.parameters; }
  [[nodiscard]] int64_t replicas() const { return info_.replicas; }
  [[nodiscard]] int64_t table_rows() const { return rows_; }
  [[nodiscard]] uint32_t classes() const { return classes_; }
  [[nodiscard]] std::vector<groklab_tensor_info> tensors() const;

  /// Of a replica's optimizer.
  [[nodiscard]] std::vector<uint32_t> kept_buffers(uint32_t replica) const {
    return test::kept_buffers(optimizers_[replica]);
  }

  void initialize(uint32_t replica, uint64_t seed);

  /// A flat buffer as it lies in memory, or converted to double.
  [[nodiscard]] std::vector<std::byte> bytes(uint32_t replica, uint32_t buffer) const;
  [[nodiscard]] std::vector<double> values(uint32_t replica, uint32_t buffer) const;
  void write_bytes(uint32_t replica, uint32_t buffer, std::span<const std::byte> contents);
  void write(uint32_t replica, uint32_t buffer, std::span<const double> contents);

  /// Runs the steps; their losses are in `steps.losses`.
  void run(Steps& steps);

  /// Loss of a batch; its gradients are then in GROKLAB_GRADIENTS.
  double gradient(uint32_t replica, std::span<const int32_t> rows);

  [[nodiscard]] std::vector<double> logits(uint32_t replica, std::span<const int32_t> rows);

  /// Makes splits 0 and 1 the two halves of the table, and evaluates one replica alone: two
  /// losses, two accuracies, the norm of the weights.
  [[nodiscard]] std::vector<double> evaluate_halves(uint32_t replica);

 private:
  void create(groklab_engine* engine, const Setup& setup, const groklab_model_options& model);

  DatasetHandle dataset_;
  TrainerHandle trainer_;
  groklab_trainer_info info_{};
  std::vector<groklab_optimizer_options> optimizers_;
  int64_t rows_ = 0;
  uint32_t classes_ = 0;
  uint32_t answers_ = 1;  ///< of a row
};

}  // namespace groklab::test
