// Trainings that a backend under test shall repeat: configurations, and runs of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "support/abi.h"

namespace groklab::test {

/// The backend that the option `--backend` names; cuda without it.
Compute backend_under_test();

struct Configuration {
  std::string name;
  Setup setup;           ///< replicas included
  int64_t capacity = 1;  ///< rows that a chunk has room for
};

/// Small ones, in which nothing comes out even; or with the option `--scale report` the report's
/// models, for devices that are fast.
std::vector<Configuration> configurations();

/// A training of some replicas of a configuration, each told apart by its number there.
class Run {
 public:
  Run(groklab_engine* engine, const Configuration& configuration, std::vector<uint64_t> numbers);

  /// All replicas of the configuration.
  Run(groklab_engine* engine, const Configuration& configuration);

  [[nodiscard]] uint32_t replicas() const { return static_cast<uint32_t>(numbers_.size()); }
  [[nodiscard]] Trainer& trainer() { return trainer_; }

  /// Trains the next `count` steps of the active replicas (none named: all) in one chunk. A
  /// replica's batches depend on its number and its own steps alone.
  void train(int64_t count, const std::vector<uint8_t>& active = {});

  /// Losses of all steps so far.
  [[nodiscard]] const std::vector<double>& losses(uint32_t replica) const {
    return losses_[replica];
  }

  /// Losses and accuracies of both halves of the table, then the weight norm.
  std::vector<double> evaluate(uint32_t replica);

  /// Loss and gradients of a batch at the present weights, which the replica's capacity need not
  /// hold.
  std::vector<double> gradient(uint32_t replica);

  /// Logits of some rows, some of them twice.
  std::vector<double> logits(uint32_t replica);

  /// Parameters and moments, bit for bit.
  [[nodiscard]] std::vector<std::byte> state(uint32_t replica) const;

 private:
  [[nodiscard]] std::vector<int32_t> batch(uint32_t replica, int64_t step) const;

  int64_t capacity_;
  std::vector<uint64_t> numbers_;
  std::vector<int64_t> own_capacities_;  ///< [R] most rows of a replica's batches
  Trainer trainer_;
  std::vector<std::vector<double>> losses_;  ///< [R][steps]
};

/// Trains 30 steps of all replicas but those that rest now and then.
void train_with_rests(Run& run);

inline constexpr int64_t kSteps = 30;

}  // namespace groklab::test
