#include "train/trainer.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

#include "train/lane.h"

namespace groklab {

namespace {

/// Rows of a split that are evaluated at once: enough to fill the cores, few enough to stay in
/// their caches.
constexpr std::size_t kEvaluationRows = 1024;

constexpr std::int64_t kFlatBufferKinds = 4;

/// Replicas' flat buffers begin on 64-byte borders.
constexpr std::int64_t kFlatBufferGrain = 16;

template <class T>
class TrainerOf final : public Trainer {
 public:
  TrainerOf(std::shared_ptr<Backend> backend, std::shared_ptr<const Dataset> dataset,
            TrainerOptions options)
      : backend_(std::move(backend)), dataset_(std::move(dataset)), options_(std::move(options)) {
    for (std::int64_t lane = 0; lane < backend_->lanes(); ++lane) {
      lanes_.push_back(std::make_unique<Lane<T>>(backend_, options_.model, replicas()));
    }
    const std::int64_t size = parameters().size();
    stride_ = (size + kFlatBufferGrain - 1) / kFlatBufferGrain * kFlatBufferGrain;
    buffers_ = {backend_, kFlatBufferKinds * replicas() * stride_};
    steps_.assign(options_.replicas.size(), 0);
    splits_.resize(options_.replicas.size());
  }

  [[nodiscard]] const TrainerOptions& options() const override { return options_; }
  [[nodiscard]] const Dataset& dataset() const override { return *dataset_; }
  [[nodiscard]] const ParameterLayout& parameters() const override {
    return lanes_.front()->parameters();
  }

  void initialize(std::int64_t replica, std::uint64_t seed) override {
    const std::vector<double> drawn = parameters().draw(seed);
    const std::vector<T> values(drawn.begin(), drawn.end());
    write(replica, FlatBufferKind::kParameters, values.data());
    const std::vector<T> zeros(values.size());
    write(replica, FlatBufferKind::kFirstMoments, zeros.data());
    write(replica, FlatBufferKind::kSecondMoments, zeros.data());
    set_step(replica, 0);
  }

  void read(std::int64_t replica, FlatBufferKind kind, void* to) override {
    backend_->download(to, flat(kind, replica, 1).data, buffer_bytes());
  }

  void write(std::int64_t replica, FlatBufferKind kind, const void* from) override {
    backend_->upload(flat(kind, replica, 1).data, from, buffer_bytes());
  }

  [[nodiscard]] std::int64_t step(std::int64_t replica) const override {
    return steps_[static_cast<std::size_t>(replica)];
  }
  void set_step(std::int64_t replica, std::int64_t step) override {
    steps_[static_cast<std::size_t>(replica)] = step;
  }

  void run(const Chunk& chunk) override {
    for_each_run(chunk.active, [&](Lane<T>& lane, Ops<T>& ops, std::int64_t first,
                                   std::int64_t count) {
      std::vector<std::span<const std::int32_t>> rows(static_cast<std::size_t>(count));
      for (std::int64_t s = 0; s < chunk.steps; ++s) {
        for (std::int64_t i = 0; i < count; ++i) {
          const std::int64_t entry = (first + i) * chunk.steps + s;
          rows[static_cast<std::size_t>(i)] = {chunk.rows + entry * chunk.batch_capacity,
                                               static_cast<std::size_t>(chunk.batch_sizes[entry])};
        }
        loss_and_gradients(lane, ops, first, rows);
        if (chunk.losses != nullptr) {
          for (std::int64_t i = 0; i < count; ++i) {
            chunk.losses[(first + i) * chunk.steps + s] = lane.loss(i);
          }
        }
        update(lane, ops, first, count, chunk, s);
      }
    });
  }

  void set_split(std::int64_t replica, std::int64_t split,
                 std::span<const std::int32_t> rows) override {
    // By rank, so that the pieces that are evaluated together share prefixes.
    std::vector<std::int32_t> sorted(rows.begin(), rows.end());
    std::ranges::sort(sorted, {}, [&](std::int32_t row) { return dataset_->rank(row); });
    splits_[static_cast<std::size_t>(replica)][split] = std::move(sorted);
  }

  [[nodiscard]] bool has_split(std::int64_t replica, std::int64_t split) const override {
    return splits_[static_cast<std::size_t>(replica)].contains(split);
  }

  void evaluate(const Evaluation& evaluation) override {
    for_each_run(
        evaluation.active, [&](Lane<T>& lane, Ops<T>& ops, std::int64_t first, std::int64_t count) {
          for (std::int64_t r = first; r < first + count; ++r) {
            for (std::int64_t s = 0; s < evaluation.splits; ++s) {
              const auto [loss, accuracy] = evaluate_split(lane, ops, r, s);
              const std::int64_t entry = r * evaluation.splits + s;
              if (evaluation.losses != nullptr) evaluation.losses[entry] = loss;
              if (evaluation.accuracies != nullptr) evaluation.accuracies[entry] = accuracy;
            }
            if (evaluation.weight_norms != nullptr) {
              evaluation.weight_norms[r] =
                  std::sqrt(lane.sum_of_squares(ops, flat(FlatBufferKind::kParameters, r, 1)));
            }
          }
        });
  }

  double gradient(std::int64_t replica, std::span<const std::int32_t> rows) override {
    double loss = 0;
    for_each_run({replica}, [&](Lane<T>& lane, Ops<T>& ops, std::int64_t first, std::int64_t) {
      loss_and_gradients(lane, ops, first, std::span(&rows, 1));
      loss = lane.loss(0);
    });
    return loss;
  }

  void logits(std::int64_t replica, std::span<const std::int32_t> rows, void* to) override {
    // Sorted and without repeats, the rows are the leaves; then each is copied to its places.
    std::vector<std::int32_t> sorted(rows.begin(), rows.end());
    const auto by_rank = [&](std::int32_t row) { return dataset_->rank(row); };
    std::ranges::sort(sorted, {}, by_rank);
    const auto repeats = std::ranges::unique(sorted);
    sorted.erase(repeats.begin(), repeats.end());
    const auto classes = static_cast<std::size_t>(dataset_->vocabulary());
    std::vector<T> computed(sorted.size() * classes);
    for_each_run({replica}, [&](Lane<T>& lane, Ops<T>& ops, std::int64_t first, std::int64_t) {
      for (std::size_t begin = 0; begin < sorted.size(); begin += kEvaluationRows) {
        const std::size_t count = std::min(kEvaluationRows, sorted.size() - begin);
        const std::span<const std::int32_t> piece(sorted.data() + begin, count);
        lane.set_batch(*dataset_, std::span(&piece, 1), !options_.dense, /*gradients=*/false);
        lane.forward(ops, flat(FlatBufferKind::kParameters, first, 1), {}, false);
        backend_->download(computed.data() + begin * classes, lane.logits().data,
                           count * classes * sizeof(T));
      }
    });
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto place = std::ranges::lower_bound(sorted, by_rank(rows[i]), {}, by_rank);
      const auto from =
          computed.begin() + (place - sorted.begin()) * static_cast<std::ptrdiff_t>(classes);
      std::copy_n(from, classes, static_cast<T*>(to) + i * classes);
    }
  }

 private:
  [[nodiscard]] std::int64_t replicas() const {
    return static_cast<std::int64_t>(options_.replicas.size());
  }

  [[nodiscard]] std::size_t buffer_bytes() const {
    return static_cast<std::size_t>(parameters().size()) * sizeof(T);
  }

  /// Flat buffers of replicas first … first + count − 1.
  [[nodiscard]] FlatBuffer<T> flat(FlatBufferKind kind, std::int64_t first,
                                   std::int64_t count) const {
    const std::int64_t begin = static_cast<std::int64_t>(kind) * replicas() + first;
    return {buffers_.data() + begin * stride_, count, parameters().size(), stride_};
  }

  [[nodiscard]] const ReplicaOptions& replica(std::int64_t r) const {
    return options_.replicas[static_cast<std::size_t>(r)];
  }

  /// Dropout draws its masks row by row, so rows cannot share anything then.
  [[nodiscard]] bool drops(std::int64_t r) const { return replica(r).dropout > 0; }

  /// Spreads replicas over the lanes; calls body(lane, ops, first, count) for runs of neighbours of
  /// one kind (with or without dropout), whose buffers are then one strided view.
  template <class Body>
  void for_each_run(const std::vector<std::int64_t>& active, const Body& body) {
    backend_->for_each_group(static_cast<std::int64_t>(active.size()), [&](const Group& group) {
      Lane<T>& lane = *lanes_[static_cast<std::size_t>(group.lane)];
      const auto begin = active.begin() + group.first;
      const auto end = begin + group.count;
      for (auto from = begin; from != end;) {
        auto to = from + 1;
        while (to != end && *to == *(to - 1) + 1 && drops(*to) == drops(*from)) ++to;
        body(lane, group.ops.template get<T>(), *from, to - from);
        from = to;
      }
    });
  }

  void loss_and_gradients(Lane<T>& lane, Ops<T>& ops, std::int64_t first,
                          std::span<const std::span<const std::int32_t>> rows) {
    const auto count = static_cast<std::int64_t>(rows.size());
    std::vector<DropoutKey> dropout;
    if (drops(first)) {
      for (std::int64_t r = first; r < first + count; ++r) {
        dropout.push_back({replica(r).dropout_seed, step(r), replica(r).dropout});
      }
    }
    const bool share = !options_.dense && dropout.empty();
    lane.set_batch(*dataset_, rows, share, /*gradients=*/true);
    const FlatBuffer<T> weights = flat(FlatBufferKind::kParameters, first, count);
    lane.forward(ops, weights, dropout, /*keep_gradient=*/true);
    lane.backward(ops, weights, flat(FlatBufferKind::kGradients, first, count));
  }

  /// AdamW with step s's rates; counts the step.
  void update(Lane<T>& lane, Ops<T>& ops, std::int64_t first, std::int64_t count,
              const Chunk& chunk, std::int64_t s) {
    std::vector<AdamWStep> steps;
    for (std::int64_t r = first; r < first + count; ++r) {
      const ReplicaOptions& o = replica(r);
      steps.push_back({++steps_[static_cast<std::size_t>(r)],
                       chunk.learning_rates[r * chunk.steps + s], o.beta1, o.beta2, o.epsilon,
                       o.weight_decay});
    }
    lane.adamw(ops, steps, flat(FlatBufferKind::kGradients, first, count),
               flat(FlatBufferKind::kParameters, first, count),
               flat(FlatBufferKind::kFirstMoments, first, count),
               flat(FlatBufferKind::kSecondMoments, first, count));
  }

  struct SplitResult {
    double loss;
    double accuracy;
  };

  SplitResult evaluate_split(Lane<T>& lane, Ops<T>& ops, std::int64_t r, std::int64_t split) {
    const std::vector<std::int32_t>& rows = splits_[static_cast<std::size_t>(r)].at(split);
    double loss = 0;
    double correct = 0;
    for (std::size_t begin = 0; begin < rows.size(); begin += kEvaluationRows) {
      const std::size_t count = std::min(kEvaluationRows, rows.size() - begin);
      const std::span<const std::int32_t> piece(rows.data() + begin, count);
      lane.set_batch(*dataset_, std::span(&piece, 1), !options_.dense, /*gradients=*/false);
      lane.forward(ops, flat(FlatBufferKind::kParameters, r, 1), {}, false);
      loss += lane.loss(0) * static_cast<double>(count);
      correct += lane.correct(0);
    }
    const auto total = static_cast<double>(rows.size());
    return {loss / total, correct / total};
  }

  std::shared_ptr<Backend> backend_;
  std::shared_ptr<const Dataset> dataset_;
  TrainerOptions options_;
  std::vector<std::unique_ptr<Lane<T>>> lanes_;
  DeviceArray<T> buffers_;  // [kinds, R, stride_], by FlatBufferKind
  std::int64_t stride_ = 0;
  std::vector<std::int64_t> steps_;                                        // [R]
  std::vector<std::map<std::int64_t, std::vector<std::int32_t>>> splits_;  // [R], by number
};

}  // namespace

std::unique_ptr<Trainer> make_trainer(std::shared_ptr<Backend> backend,
                                      std::shared_ptr<const Dataset> dataset,
                                      TrainerOptions options) {
  if (options.precision == Precision::kFp64) {
    return std::make_unique<TrainerOf<double>>(std::move(backend), std::move(dataset),
                                               std::move(options));
  }
  return std::make_unique<TrainerOf<float>>(std::move(backend), std::move(dataset),
                                            std::move(options));
}

}  // namespace groklab
