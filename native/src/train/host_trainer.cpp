#include "train/host_trainer.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "models/models.h"
#include "train/host_lane.h"
#include "train/trainer_base.h"

namespace groklab {

namespace {

template <class T>
class HostTrainer final : public TrainerBase<T> {
 public:
  HostTrainer(std::shared_ptr<Backend> backend, std::shared_ptr<const Dataset> dataset,
              TrainerOptions options)
      : TrainerBase<T>(std::move(backend), std::move(dataset), options,
                       make_model<T>(options.model)->parameters()) {
    this->allocate_buffers();
    // Fewer replicas than lanes are done by all threads together, in the first lane.
    const std::int64_t lanes = this->backend()->lanes();
    for (std::int64_t lane = 0; lane < (this->replicas() < lanes ? 1 : lanes); ++lane) {
      lanes_.push_back(
          std::make_unique<HostLane<T>>(this->backend(), options.model, this->host_memory()));
    }
    reserve_training(0);
  }

  void reserve(const Workload& workload) override {
    reserve_training(workload.batch_capacity);
    std::int64_t rows = 0;
    for (const std::int64_t split : workload.split_rows) rows = std::max(rows, split);
    reserve_evaluation(rows);
    this->reserve_splits(workload);
  }

  void run(const Chunk& chunk) override {
    const auto reading = this->read_data();
    reserve_training(largest_batch(chunk));
    for_each_replica(chunk.active, [&](HostLane<T>& lane, Ops<T>& ops, std::int64_t r) {
      for (std::int64_t s = 0; s < chunk.steps; ++s) {
        const std::int64_t entry = r * chunk.steps + s;
        loss_and_gradients(lane, ops, r,
                           {chunk.rows + entry * chunk.batch_capacity,
                            static_cast<std::size_t>(chunk.batch_sizes[entry])});
        if (chunk.losses != nullptr) chunk.losses[entry] = lane.loss();
        update(ops, r, chunk.learning_rates[entry]);
      }
    });
  }

  void evaluate(const Evaluation& evaluation) override {
    const auto reading = this->read_data();
    for (const std::int64_t r : evaluation.active) {
      for (std::int64_t s = 0; s < evaluation.splits; ++s) {
        reserve_evaluation(static_cast<std::int64_t>(this->split_rows(r, s).size()));
      }
    }
    for_each_replica(evaluation.active, [&](HostLane<T>& lane, Ops<T>& ops, std::int64_t r) {
      for (std::int64_t s = 0; s < evaluation.splits; ++s) {
        const auto [loss, accuracy] = evaluate_split(lane, ops, r, s);
        const std::int64_t entry = r * evaluation.splits + s;
        if (evaluation.losses != nullptr) evaluation.losses[entry] = loss;
        if (evaluation.accuracies != nullptr) evaluation.accuracies[entry] = accuracy;
      }
      if (evaluation.weight_norms != nullptr) {
        double sum = 0;
        ops.sum_of_squares(this->flat(FlatBufferKind::kParameters, r, 1), {&sum, 1, 1, 1});
        evaluation.weight_norms[r] = std::sqrt(sum);
      }
    });
  }

  double gradient(std::int64_t replica, std::span<const std::int32_t> rows) override {
    const auto reading = this->read_data();
    double loss = 0;
    for_each_replica({replica}, [&](HostLane<T>& lane, Ops<T>& ops, std::int64_t r) {
      loss_and_gradients(lane, ops, r, rows);
      loss = lane.loss();
    });
    return loss;
  }

 private:
  /// Rows of the largest batch of replicas that do not say how many they will have.
  [[nodiscard]] std::int64_t largest_batch(const Chunk& chunk) const {
    std::int32_t largest = 0;
    for (const std::int64_t r : chunk.active) {
      if (this->replica(r).batch_capacity > 0) continue;
      const std::int32_t* const sizes = chunk.batch_sizes + r * chunk.steps;
      for (std::int64_t s = 0; s < chunk.steps; ++s) largest = std::max(largest, sizes[s]);
    }
    return largest;
  }

  /// Makes room for every batch that the replicas may have.
  /// @param otherwise most rows of those that do not say.
  void reserve_training(std::int64_t otherwise) {
    if (otherwise <= training_rows_) return;
    // Any lane may get any replica.
    std::set<std::pair<bool, std::int64_t>> kinds;
    for (std::int64_t r = 0; r < this->replicas(); ++r) {
      const std::int64_t rows = this->capacity(r, otherwise);
      if (rows > 0) kinds.insert({this->drops(r), rows});
    }
    for (const auto& [drops, rows] : kinds) {
      const TreeBounds bounds(this->dataset(), rows, shares(drops));
      for (const auto& lane : lanes_) lane->reserve(this->dataset(), bounds, {drops, true});
    }
    training_rows_ = otherwise;
  }

  /// Makes room for the evaluation of so many rows.
  void reserve_evaluation(std::int64_t rows) {
    const std::int64_t piece = std::min(rows, most_evaluation_rows(this->dataset()));
    if (piece <= evaluation_rows_) return;
    const TreeBounds bounds(this->dataset(), piece, shares(/*drops=*/false));
    for (const auto& lane : lanes_) lane->reserve(this->dataset(), bounds, {false, false});
    evaluation_rows_ = piece;
  }

  [[nodiscard]] bool shares(bool drops) const { return !this->options().dense && !drops; }

  void observe_pass(std::int64_t replica, std::span<const std::int32_t> rows,
                    ActivationCopy<T>& copy) override {
    for_each_replica({replica}, [&](HostLane<T>& lane, Ops<T>& ops, std::int64_t r) {
      copy.use(ops);
      lane.set_observer(&copy);
      lane.set_batch(this->dataset(), rows, /*share=*/false, /*gradients=*/true);
      const FlatBuffer<T> weights = this->flat(FlatBufferKind::kParameters, r, 1);
      lane.forward(ops, weights, this->tables(1), nullptr, /*keep_gradient=*/true);
      lane.backward(ops, weights, this->flat(FlatBufferKind::kGradients, r, 1));
      lane.set_observer(nullptr);
    });
  }

  void distinct_logits(std::int64_t replica, std::span<const std::int32_t> rows,
                       const DataTables<T>& data, std::span<T> to) override {
    const auto size = static_cast<std::size_t>(this->logits_of_row());
    for_each_replica({replica}, [&](HostLane<T>& lane, Ops<T>& ops, std::int64_t r) {
      for_each_piece(lane, ops, r, rows, data, [&](std::size_t begin, std::size_t count) {
        std::copy_n(lane.logits().data, count * size,
                    to.begin() + static_cast<std::ptrdiff_t>(begin * size));
      });
    });
  }

  /// Spreads replicas over the lanes.
  template <class Body>
  void for_each_replica(const std::vector<std::int64_t>& active, const Body& body) {
    this->backend()->for_each_group(
        static_cast<std::int64_t>(active.size()), [&](const Group& group) {
          HostLane<T>& lane = *lanes_[static_cast<std::size_t>(group.lane)];
          for (std::int64_t i = group.first; i < group.first + group.count; ++i) {
            body(lane, group.ops.template get<T>(), active[static_cast<std::size_t>(i)]);
          }
        });
  }

  void loss_and_gradients(HostLane<T>& lane, Ops<T>& ops, std::int64_t r,
                          std::span<const std::int32_t> rows) {
    const bool drops = this->drops(r);
    const DropoutKey key = this->dropout_key(r);
    lane.set_batch(this->dataset(), rows, shares(drops), /*gradients=*/true);
    const FlatBuffer<T> weights = this->flat(FlatBufferKind::kParameters, r, 1);
    lane.forward(ops, weights, this->tables(1), drops ? &key : nullptr, /*keep_gradient=*/true);
    lane.backward(ops, weights, this->flat(FlatBufferKind::kGradients, r, 1));
  }

  /// The optimizer's step, which is counted.
  void update(Ops<T>& ops, std::int64_t r, double learning_rate) {
    const OptimizerStep step = this->next_update(r, learning_rate);
    const FlatBuffer<const T> gradients = this->flat(FlatBufferKind::kGradients, r, 1);
    double square = 0;
    Vectors<double> squares;
    if (step.optimizer.clips()) {
      squares = {&square, 1, 1, 1};
      ops.sum_of_squares(gradients, squares);
    }
    ops.optimizer_step({&step, 1, 1, 1}, gradients, squares,
                       this->flat(FlatBufferKind::kParameters, r, 1), this->optimizer_state(r, 1));
    this->set_step(r, step.step);
  }

  /// Forward passes over rows, a piece at a time; body(begin, count) after each.
  template <class Body>
  void for_each_piece(HostLane<T>& lane, Ops<T>& ops, std::int64_t r,
                      std::span<const std::int32_t> rows, const DataTables<T>& data,
                      const Body& body) {
    const auto most = static_cast<std::size_t>(most_evaluation_rows(this->dataset()));
    for (std::size_t begin = 0; begin < rows.size(); begin += most) {
      const std::size_t count = std::min(most, rows.size() - begin);
      lane.set_batch(this->dataset(), rows.subspan(begin, count), shares(/*drops=*/false),
                     /*gradients=*/false);
      lane.forward(ops, this->flat(FlatBufferKind::kParameters, r, 1), data, nullptr,
                   /*keep_gradient=*/false);
      body(begin, count);
    }
  }

  struct SplitResult {
    double loss;
    double accuracy;
  };

  SplitResult evaluate_split(HostLane<T>& lane, Ops<T>& ops, std::int64_t r, std::int64_t split) {
    const std::span<const std::int32_t> rows = this->split_rows(r, split);
    double loss = 0;
    double correct = 0;
    for_each_piece(lane, ops, r, rows, this->tables(1), [&](std::size_t begin, std::size_t count) {
      loss += lane.loss() * this->answers(rows.subspan(begin, count));
      correct += lane.correct();
    });
    const double total = this->answers(rows);
    return {loss / total, correct / total};
  }

  std::vector<std::unique_ptr<HostLane<T>>> lanes_;
  std::int64_t training_rows_ =
      -1;  // room for batches of so many rows, of replicas that do not say
  std::int64_t evaluation_rows_ = 0;  // room for pieces of so many rows
};

}  // namespace

template <class T>
std::unique_ptr<Trainer> make_host_trainer(std::shared_ptr<Backend> backend,
                                           std::shared_ptr<const Dataset> dataset,
                                           TrainerOptions options) {
  return std::make_unique<HostTrainer<T>>(std::move(backend), std::move(dataset),
                                          std::move(options));
}

template std::unique_ptr<Trainer> make_host_trainer<float>(std::shared_ptr<Backend>,
                                                           std::shared_ptr<const Dataset>,
                                                           TrainerOptions);
template std::unique_ptr<Trainer> make_host_trainer<double>(std::shared_ptr<Backend>,
                                                            std::shared_ptr<const Dataset>,
                                                            TrainerOptions);

}  // namespace groklab
