#include "train/recorded_trainer.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <string>
#include <utility>

#include "core/error.h"
#include "models/models.h"
#include "train/recorded_pass.h"
#include "train/trainer_base.h"

namespace groklab {

namespace {

/// Replicas that are evaluated together: with the rows of a piece each they fill a large GPU, and the
/// memory for it stays below that of training.
constexpr std::int64_t kEvaluationReplicas = 16;

/// A chunk goes to the device in parts of so many steps, or fewer where their tables would be large.
constexpr std::int64_t kTableSteps = 256;
constexpr std::int64_t kTableBytes = std::int64_t{64} << 20;

/// Neighbouring slots whose replicas do the same work on their own data.
struct SlotRun {
  std::int64_t first = 0;
  std::vector<std::int64_t> replicas;  ///< of slots first, first + 1, …
  bool dropout = false;
  std::int64_t capacity = 0;

  [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(replicas.size()); }
};

template <class T>
class RecordedTrainer final : public TrainerBase<T> {
 public:
  RecordedTrainer(std::shared_ptr<Backend> backend, std::unique_ptr<Queue> queue,
                  std::shared_ptr<const Dataset> dataset, TrainerOptions options)
      : TrainerBase<T>(std::move(backend), std::move(dataset), options,
                       make_model<T>(options.model)->parameters()),
        queue_(std::move(queue)),
        model_(make_model<T>(options.model)),
        tree_(this->dataset(), this->host_memory()),
        workspace_([this](std::size_t bytes) { return this->backend()->allocate(bytes); },
                   [this](void* memory) { this->backend()->release(memory); }) {
    check_memory();
    this->allocate_buffers();
    {
      const auto reading = this->dataset().reading();
      dataset_version_ = this->dataset().version();
      device_dataset_ = std::make_unique<DeviceDataset>(this->backend(), this->dataset());
    }
    numbers_ = {this->backend(), this->replicas()};
    staged_numbers_ = {this->backend(), this->replicas()};
  }

  ~RecordedTrainer() override {
    // Nothing may be given back that the device still works on.
    try {
      queue_->wait();
    } catch (const Error&) {
      // It has failed, and works on nothing any more.
    }
  }

  void read(std::int64_t replica, FlatBufferKind kind, void* to) override {
    guarded([&] { TrainerBase<T>::read(replica, kind, to); });
  }
  void write(std::int64_t replica, FlatBufferKind kind, const void* from) override {
    guarded([&] { TrainerBase<T>::write(replica, kind, from); });
  }

  void reserve(const Workload& workload) override {
    guarded([&] {
      this->reserve_splits(workload);
      std::vector<std::int64_t> all(static_cast<std::size_t>(this->replicas()));
      std::iota(all.begin(), all.end(), 0);
      const std::vector<SlotRun> training = gather(all, workload.batch_capacity);
      const std::vector<SlotRun> evaluation = evaluation_runs(all);
      // The largest need of the workspace first: when it moves, what was recorded is lost.
      std::vector<PassDescription> passes = training_passes(training);
      if (!workload.split_rows.empty()) {
        const std::vector<PassDescription> more = evaluation_passes(evaluation);
        passes.insert(passes.end(), more.begin(), more.end());
      }
      reserve_workspace(passes);
      prepare(training_, training_passes(training), part_steps(training, workload.chunk_steps));
      if (workload.split_rows.empty()) return;
      std::int64_t pieces = 0;
      for (const std::int64_t rows : workload.split_rows) {
        pieces += (rows + evaluation_capacity() - 1) / evaluation_capacity();
      }
      prepare(evaluation_, evaluation_passes(evaluation), pieces);
    });
  }

  void run(const Chunk& chunk) override {
    if (chunk.steps == 0 || chunk.active.empty()) return;
    guarded([&] {
      const auto reading = read_tables();
      const std::vector<SlotRun> runs = gather(chunk.active, chunk.batch_capacity);
      const std::int64_t part = part_steps(runs, chunk.steps);
      prepare(training_, training_passes(runs), part);
      for (std::int64_t begin = 0; begin < chunk.steps; begin += part) {
        const std::int64_t count = std::min(part, chunk.steps - begin);
        for (std::size_t i = 0; i < runs.size(); ++i) {
          write_inputs(chunk, runs[i], begin, count, *training_[i]);
          training_[i]->run(count);
        }
        queue_->wait();
        for (std::size_t i = 0; i < runs.size(); ++i) {
          read_losses(chunk, runs[i], begin, count, *training_[i]);
        }
      }
    });
  }

  void evaluate(const Evaluation& evaluation) override {
    if (evaluation.active.empty()) return;
    guarded([&] {
      const auto reading = read_tables();
      const std::vector<SlotRun> runs = evaluation_runs(evaluation.active);
      std::int64_t pieces = 1;
      for (const SlotRun& run : runs) pieces = std::max(pieces, count_pieces(run, evaluation));
      prepare(evaluation_, evaluation_passes(runs), pieces);
      for (std::size_t i = 0; i < runs.size(); ++i) {
        const std::int64_t steps = write_pieces(runs[i], evaluation, *evaluation_[i]);
        evaluation_[i]->run(steps);
      }
      if (evaluation.weight_norms != nullptr) enqueue_norms();
      queue_->wait();
      for (std::size_t i = 0; i < runs.size(); ++i) {
        read_pieces(runs[i], evaluation, *evaluation_[i]);
      }
      if (evaluation.weight_norms != nullptr) {
        for (const std::int64_t r : evaluation.active) {
          evaluation.weight_norms[r] = std::sqrt(staged_numbers_.data()[this->slot(r)]);
        }
      }
    });
  }

  double gradient(std::int64_t replica, std::span<const std::int32_t> rows) override {
    return guarded([&] {
      const auto reading = read_tables();
      const std::int64_t capacity =
          std::max(static_cast<std::int64_t>(rows.size()), this->replica(replica).batch_capacity);
      const bool dropout = this->drops(replica);
      return single_pass(replica, rows, {capacity, this->options().dense || dropout}, dropout,
                         nullptr);
    });
  }

 private:
  // ------------------------------------------------------------------ failures

  /// Runs `body`; once the device has failed, only tells so.
  template <class Body>
  auto guarded(const Body& body) {
    if (!failure_.empty()) {
      throw Error(Status::kDeviceError,
                  "this trainer is unusable since its device failed: " + failure_);
    }
    try {
      return body();
    } catch (const Error& error) {
      if (error.status() == Status::kDeviceError) failure_ = error.what();
      throw;
    }
  }

  /// Begins to read the data set, as it is now.
  [[nodiscard]] std::shared_lock<std::shared_mutex> read_tables() {
    std::shared_lock reading = this->read_data();
    refresh_targets();
    return reading;
  }

  void refresh_targets() {
    if (dataset_version_ == this->dataset().version()) return;
    dataset_version_ = this->dataset().version();
    device_dataset_->upload(*this->backend(), this->dataset());
  }

  // ------------------------------------------------------------------ memory

  [[nodiscard]] std::int64_t workspace_bytes(const PassDescription& description) {
    return RecordedPass<T>::workspace_bytes(*model_, queue_->ops().template get<T>(),
                                            this->dataset(), description);
  }

  /// Bytes for training `count` replicas; without the batches of replicas that do not say how many
  /// rows they will have.
  [[nodiscard]] std::int64_t bytes_needed(std::int64_t count) {
    std::int64_t fixed = DeviceDataset::bytes(this->dataset());  // its tables are there already
    std::int64_t workspace = 0;
    const auto add = [&](const PassDescription& description, std::int64_t steps) {
      fixed += RecordedPass<T>::device_bytes(*model_, description, steps);
      workspace = std::max(workspace, workspace_bytes(description));
    };
    std::map<std::pair<bool, std::int64_t>, std::int64_t> kinds;
    for (std::int64_t r = 0; r < count; ++r) {
      ++kinds[{this->drops(r), this->replica(r).batch_capacity}];
    }
    for (const auto& [kind, replicas] : kinds) {
      if (kind.second == 0) continue;
      SlotRun run;
      run.replicas.resize(static_cast<std::size_t>(replicas));
      run.capacity = kind.second;
      add(describe(PassKind::kTraining, 0, replicas, kind.second, kind.first), table_steps(run));
    }
    add(describe(PassKind::kEvaluation, 0, std::min(count, kEvaluationReplicas),
                 evaluation_capacity(), false),
        kTableSteps);
    return fixed + workspace +
           this->kept_kinds() * count * this->stride() * static_cast<std::int64_t>(sizeof(T));
  }

  /// Refuses before anything is allocated, and says what would fit.
  void check_memory() {
    const std::optional<std::uint64_t> available = this->backend()->available_memory();
    if (!available) return;
    const auto free = static_cast<std::int64_t>(*available);
    const std::int64_t needed = bytes_needed(this->replicas());
    if (needed <= free) return;
    // Needs grow with every replica: halve the interval.
    std::int64_t fits = 0;
    for (std::int64_t too_many = this->replicas(); too_many - fits > 1;) {
      const std::int64_t middle = (fits + too_many) / 2;
      (bytes_needed(middle) <= free ? fits : too_many) = middle;
    }
    throw Error(Status::kOutOfMemory, "out of memory on " + this->backend()->description().device +
                                          ": " + std::to_string(this->replicas()) +
                                          " replicas need " + std::to_string(needed) + " bytes, " +
                                          std::to_string(free) + " are free; " +
                                          std::to_string(fits) + " replicas would fit");
  }

  [[nodiscard]] TreePlan& plan(std::int64_t capacity, bool dense) {
    std::unique_ptr<TreePlan>& plan = plans_[{capacity, dense}];
    if (!plan) {
      plan = std::make_unique<TreePlan>(tree_, this->options().model.positions, capacity, dense);
    }
    return *plan;
  }

  [[nodiscard]] PassDescription describe(PassKind kind, std::int64_t first, std::int64_t count,
                                         std::int64_t capacity, bool dropout) {
    return describe(kind, first, count, capacity, dropout, this->options().dense || dropout);
  }

  [[nodiscard]] PassDescription describe(PassKind kind, std::int64_t first, std::int64_t count,
                                         std::int64_t capacity, bool dropout, bool dense) {
    const bool clips = kind == PassKind::kTraining &&
                       std::ranges::any_of(this->options().replicas, [](const ReplicaOptions& r) {
                         return r.optimizer.clips();
                       });
    return {kind, &plan(capacity, dense), capacity, dropout, clips, first, count};
  }

  [[nodiscard]] std::unique_ptr<RecordedPass<T>> make_pass(const PassDescription& description,
                                                           std::int64_t steps) {
    return make_pass(description, this->tables(description.replicas), steps);
  }

  /// @param tables other ones than the data set's, of the same sizes.
  [[nodiscard]] std::unique_ptr<RecordedPass<T>> make_pass(const PassDescription& description,
                                                           const DataTables<T>& tables,
                                                           std::int64_t steps,
                                                           ActivationCopy<T>* observer = nullptr) {
    workspace_.reset();
    const std::int64_t bytes = workspace_bytes(description);
    // Recordings know where their memory lies.
    if (workspace_.reserve(static_cast<std::size_t>(bytes))) forget_passes();
    description.plan->upload_tables(this->backend());
    const auto buffer = [&](FlatBufferKind kind) {
      return this->flat(kind, description.first, description.replicas);
    };
    const PassBuffers<T> buffers{buffer(FlatBufferKind::kParameters),
                                 buffer(FlatBufferKind::kGradients),
                                 this->optimizer_state(description.first, description.replicas)};
    return std::make_unique<RecordedPass<T>>(this->backend(), *queue_, *model_, workspace_,
                                             *device_dataset_, tables, description, buffers, steps,
                                             observer);
  }

  void forget_passes() {
    training_.clear();
    evaluation_.clear();
  }

  /// Makes the workspace large enough for each of the passes.
  void reserve_workspace(const std::vector<PassDescription>& wanted) {
    std::int64_t bytes = 0;
    for (const PassDescription& description : wanted) {
      bytes = std::max(bytes, workspace_bytes(description));
    }
    workspace_.reset();
    if (workspace_.reserve(static_cast<std::size_t>(bytes))) forget_passes();
  }

  using Passes = std::vector<std::unique_ptr<RecordedPass<T>>>;

  /// Makes `passes` those described, keeping what is there already. Where making one moves the
  /// workspace, those made before it are lost, and all are made again.
  void prepare(Passes& passes, const std::vector<PassDescription>& wanted, std::int64_t steps) {
    reserve_workspace(wanted);
    Passes old = std::exchange(passes, {});
    Passes made(wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const auto fits = [&](const std::unique_ptr<RecordedPass<T>>& pass) {
        return pass && pass->description() == wanted[i] && pass->steps() >= steps;
      };
      const auto found = std::ranges::find_if(old, fits);
      if (found != old.end()) made[i] = std::move(*found);
    }
    old.clear();  // before others take memory
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (!made[i]) made[i] = make_pass(wanted[i], steps);
    }
    passes = std::move(made);
  }

  // ------------------------------------------------------------------ training

  /// Steps that a table of limited size holds.
  [[nodiscard]] static std::int64_t table_steps(const SlotRun& run) {
    const std::int64_t row =
        run.count() * (run.capacity + 32) * static_cast<std::int64_t>(sizeof(std::int32_t));
    return std::clamp<std::int64_t>(kTableBytes / row, 1, kTableSteps);
  }

  /// Steps of a chunk that go to the device at once.
  [[nodiscard]] static std::int64_t part_steps(const std::vector<SlotRun>& runs,
                                               std::int64_t steps) {
    std::int64_t part = std::min(steps, kTableSteps);
    for (const SlotRun& run : runs) part = std::min(part, table_steps(run));
    return part;
  }

  /// The active replicas in runs of one kind each. Replicas move to other slots where that makes
  /// the runs fewer: a device is filled by many replicas at once.
  [[nodiscard]] std::vector<SlotRun> gather(const std::vector<std::int64_t>& active,
                                            std::int64_t batch_capacity) {
    std::map<std::pair<bool, std::int64_t>, std::vector<std::int64_t>> kinds;
    for (const std::int64_t r : active) {
      kinds[{this->drops(r), this->capacity(r, batch_capacity)}].push_back(r);
    }
    std::vector<SlotRun> runs;
    bool in_order = true;
    for (auto& [kind, replicas] : kinds) {
      std::ranges::sort(replicas, {}, [&](std::int64_t r) { return this->slot(r); });
      in_order = in_order && this->slot(replicas.back()) - this->slot(replicas.front()) + 1 ==
                                 static_cast<std::int64_t>(replicas.size());
      runs.push_back({this->slot(replicas.front()), replicas, kind.first, kind.second});
    }
    if (in_order) return runs;
    std::vector<std::int64_t> order;
    for (SlotRun& run : runs) {
      run.first = static_cast<std::int64_t>(order.size());
      order.insert(order.end(), run.replicas.begin(), run.replicas.end());
    }
    move_to_front(order);
    return runs;
  }

  /// Gives the replicas named the first slots, in this order.
  void move_to_front(const std::vector<std::int64_t>& order) {
    std::vector<std::int64_t> replica_in(this->slots().size());
    for (std::int64_t r = 0; r < this->replicas(); ++r) {
      replica_in[static_cast<std::size_t>(this->slot(r))] = r;
    }
    if (spare_.data() == nullptr) spare_ = {this->backend(), this->stride()};
    for (std::size_t to = 0; to < order.size(); ++to) {
      const std::int64_t mover = order[to];
      const std::int64_t from = this->slot(mover);
      if (from == static_cast<std::int64_t>(to)) continue;
      const std::int64_t other = replica_in[to];
      swap_slots(from, static_cast<std::int64_t>(to), spare_.data());
      std::swap(this->slots()[static_cast<std::size_t>(mover)],
                this->slots()[static_cast<std::size_t>(other)]);
      std::swap(replica_in[static_cast<std::size_t>(from)], replica_in[to]);
    }
    queue_->wait();
  }

  void swap_slots(std::int64_t a, std::int64_t b, T* spare) {
    for (std::int64_t kind = 0; kind < kFlatBufferKinds; ++kind) {
      T* const in_a = this->flat(static_cast<FlatBufferKind>(kind), a, 1).data;
      T* const in_b = this->flat(static_cast<FlatBufferKind>(kind), b, 1).data;
      if (in_a == nullptr) continue;
      queue_->copy(spare, in_a, this->buffer_bytes());
      queue_->copy(in_a, in_b, this->buffer_bytes());
      queue_->copy(in_b, spare, this->buffer_bytes());
    }
  }

  [[nodiscard]] std::vector<PassDescription> training_passes(const std::vector<SlotRun>& runs) {
    std::vector<PassDescription> passes;
    for (const SlotRun& run : runs) {
      passes.push_back(
          describe(PassKind::kTraining, run.first, run.count(), run.capacity, run.dropout));
    }
    return passes;
  }

  void write_inputs(const Chunk& chunk, const SlotRun& run, std::int64_t begin, std::int64_t count,
                    RecordedPass<T>& pass) {
    for (std::int64_t i = 0; i < run.count(); ++i) {
      const std::int64_t r = run.replicas[static_cast<std::size_t>(i)];
      for (std::int64_t s = 0; s < count; ++s) {
        const std::int64_t entry = r * chunk.steps + begin + s;
        const std::int32_t size = chunk.batch_sizes[entry];
        pass.inputs(s, i) = {this->next_update(r, chunk.learning_rates[entry]),
                             this->dropout_key(r), size, 0};
        std::copy_n(chunk.rows + entry * chunk.batch_capacity, size, pass.rows(s, i));
        this->set_step(r, this->step(r) + 1);
      }
    }
  }

  void read_losses(const Chunk& chunk, const SlotRun& run, std::int64_t begin, std::int64_t count,
                   const RecordedPass<T>& pass) {
    if (chunk.losses == nullptr) return;
    for (std::int64_t i = 0; i < run.count(); ++i) {
      const std::int64_t r = run.replicas[static_cast<std::size_t>(i)];
      for (std::int64_t s = 0; s < count; ++s) {
        chunk.losses[r * chunk.steps + begin + s] = pass.results(s, i).loss;
      }
    }
  }

  // ------------------------------------------------------------------ evaluation

  [[nodiscard]] std::int64_t evaluation_capacity() const {
    return std::min(most_evaluation_rows(this->dataset()), this->dataset().rows());
  }

  /// Runs of neighbouring slots, of at most kEvaluationReplicas each.
  [[nodiscard]] std::vector<SlotRun> evaluation_runs(std::vector<std::int64_t> active) const {
    std::ranges::sort(active, {}, [&](std::int64_t r) { return this->slot(r); });
    std::vector<SlotRun> runs;
    for (const std::int64_t r : active) {
      if (runs.empty() || runs.back().first + runs.back().count() != this->slot(r) ||
          runs.back().count() == kEvaluationReplicas) {
        runs.push_back({this->slot(r), {}, false, evaluation_capacity()});
      }
      runs.back().replicas.push_back(r);
    }
    return runs;
  }

  [[nodiscard]] std::vector<PassDescription> evaluation_passes(const std::vector<SlotRun>& runs) {
    std::vector<PassDescription> passes;
    for (const SlotRun& run : runs) {
      passes.push_back(
          describe(PassKind::kEvaluation, run.first, run.count(), run.capacity, false));
    }
    return passes;
  }

  /// Calls body(split, i, piece's rows) for all pieces of a run in step order: first pieces of all
  /// replicas, then second ones, split by split. A replica that has no more gets an empty piece.
  template <class Body>
  void for_each_piece(const SlotRun& run, const Evaluation& evaluation, const Body& body) const {
    std::int64_t step = 0;
    for (std::int64_t split = 0; split < evaluation.splits; ++split) {
      std::size_t longest = 0;
      for (const std::int64_t r : run.replicas) {
        longest = std::max(longest, this->split_rows(r, split).size());
      }
      const auto piece = static_cast<std::size_t>(run.capacity);
      for (std::size_t begin = 0; begin < longest; begin += piece, ++step) {
        for (std::int64_t i = 0; i < run.count(); ++i) {
          const std::span<const std::int32_t> rows =
              this->split_rows(run.replicas[static_cast<std::size_t>(i)], split);
          const std::size_t from = std::min(begin, rows.size());
          body(split, step, i, rows.subspan(from, std::min(piece, rows.size() - from)));
        }
      }
    }
  }

  [[nodiscard]] std::int64_t count_pieces(const SlotRun& run, const Evaluation& evaluation) const {
    std::int64_t pieces = 0;
    for_each_piece(run, evaluation,
                   [&](std::int64_t, std::int64_t step, std::int64_t,
                       std::span<const std::int32_t>) { pieces = step + 1; });
    return pieces;
  }

  std::int64_t write_pieces(const SlotRun& run, const Evaluation& evaluation,
                            RecordedPass<T>& pass) const {
    std::int64_t steps = 0;
    for_each_piece(
        run, evaluation,
        [&](std::int64_t, std::int64_t step, std::int64_t i, std::span<const std::int32_t> rows) {
          pass.inputs(step, i) = {{}, {}, static_cast<std::int32_t>(rows.size()), 0};
          std::ranges::copy(rows, pass.rows(step, i));
          steps = step + 1;
        });
    return steps;
  }

  void read_pieces(const SlotRun& run, const Evaluation& evaluation,
                   const RecordedPass<T>& pass) const {
    const auto entries = static_cast<std::size_t>(run.count() * evaluation.splits);
    std::vector<double> losses(entries);
    std::vector<double> correct(entries);
    for_each_piece(run, evaluation,
                   [&](std::int64_t split, std::int64_t step, std::int64_t i,
                       std::span<const std::int32_t> rows) {
                     const auto entry = static_cast<std::size_t>(i * evaluation.splits + split);
                     const StepResults& results = pass.results(step, i);
                     losses[entry] += results.loss * this->answers(rows);
                     correct[entry] += results.correct;
                   });
    for (std::int64_t i = 0; i < run.count(); ++i) {
      const std::int64_t r = run.replicas[static_cast<std::size_t>(i)];
      for (std::int64_t split = 0; split < evaluation.splits; ++split) {
        const auto from = static_cast<std::size_t>(i * evaluation.splits + split);
        const auto to = static_cast<std::size_t>(r * evaluation.splits + split);
        const double total = this->answers(this->split_rows(r, split));
        if (evaluation.losses != nullptr) evaluation.losses[to] = losses[from] / total;
        if (evaluation.accuracies != nullptr) evaluation.accuracies[to] = correct[from] / total;
      }
    }
  }

  /// Σ w² of all slots, to staged_numbers_.
  void enqueue_norms() {
    const std::int64_t count = this->replicas();
    queue_->ops().template get<T>().sum_of_squares(
        this->flat(FlatBufferKind::kParameters, 0, count), {numbers_.data(), count, 1, 1});
    queue_->download(staged_numbers_.data(), numbers_.data(),
                     static_cast<std::size_t>(count) * sizeof(double));
  }

  void observe_pass(std::int64_t replica, std::span<const std::int32_t> rows,
                    ActivationCopy<T>& copy) override {
    guarded([&] {
      refresh_targets();
      single_pass(replica, rows, {static_cast<std::int64_t>(rows.size()), true},
                  /*dropout=*/false, &copy);
    });
  }

  /// Forward and backward over one batch of one replica; returns its loss.
  /// @param key capacity of the batch, and whether it is dense.
  double single_pass(std::int64_t replica, std::span<const std::int32_t> rows,
                     const std::pair<std::int64_t, bool>& key, bool dropout,
                     ActivationCopy<T>* observer) {
    // Callers may come with any number of rows: their plans are not kept.
    const bool kept = plans_.contains(key);
    const PassDescription description =
        describe(PassKind::kGradients, this->slot(replica), 1, key.first, dropout, key.second);
    std::unique_ptr<RecordedPass<T>> pass = make_pass(description, this->tables(1), 1, observer);
    pass->inputs(0, 0) = {
        {}, this->dropout_key(replica), static_cast<std::int32_t>(rows.size()), 0};
    std::ranges::copy(rows, pass->rows(0, 0));
    pass->run(1);
    queue_->wait();
    const double loss = pass->results(0, 0).loss;
    pass.reset();
    if (!kept) plans_.erase(key);
    return loss;
  }

  void distinct_logits(std::int64_t replica, std::span<const std::int32_t> rows,
                       const DataTables<T>& data, std::span<T> to) override {
    guarded([&] {
      refresh_targets();
      const auto capacity = static_cast<std::size_t>(evaluation_capacity());
      const auto size = static_cast<std::size_t>(this->logits_of_row());
      const std::unique_ptr<RecordedPass<T>> pass = make_pass(
          describe(PassKind::kEvaluation, this->slot(replica), 1, evaluation_capacity(), false),
          data, 1);
      for (std::size_t begin = 0; begin < rows.size(); begin += capacity) {
        const std::span<const std::int32_t> piece =
            rows.subspan(begin, std::min(capacity, rows.size() - begin));
        pass->inputs(0, 0) = {{}, {}, static_cast<std::int32_t>(piece.size()), 0};
        std::ranges::copy(piece, pass->rows(0, 0));
        pass->run(1);
        queue_->wait();
        this->backend()->download(to.data() + begin * size, pass->logits().data,
                                  piece.size() * size * sizeof(T));
      }
    });
  }

  std::unique_ptr<Queue> queue_;
  std::unique_ptr<Model<T>> model_;
  DatasetTree tree_;
  std::map<std::pair<std::int64_t, bool>, std::unique_ptr<TreePlan>> plans_;
  std::unique_ptr<DeviceDataset> device_dataset_;
  std::uint64_t dataset_version_ = 0;  // of the targets in device_dataset_
  Workspace workspace_;
  DeviceArray<double> numbers_;          // [slots]
  StagingArray<double> staged_numbers_;  // [slots]
  DeviceArray<T> spare_;                 // one flat buffer, for replicas that change places
  Passes training_;
  Passes evaluation_;
  std::string failure_;
};

}  // namespace

template <class T>
std::unique_ptr<Trainer> make_recorded_trainer(std::shared_ptr<Backend> backend,
                                               std::unique_ptr<Queue> queue,
                                               std::shared_ptr<const Dataset> dataset,
                                               TrainerOptions options) {
  return std::make_unique<RecordedTrainer<T>>(std::move(backend), std::move(queue),
                                              std::move(dataset), std::move(options));
}

template std::unique_ptr<Trainer> make_recorded_trainer<float>(std::shared_ptr<Backend>,
                                                               std::unique_ptr<Queue>,
                                                               std::shared_ptr<const Dataset>,
                                                               TrainerOptions);
template std::unique_ptr<Trainer> make_recorded_trainer<double>(std::shared_ptr<Backend>,
                                                                std::unique_ptr<Queue>,
                                                                std::shared_ptr<const Dataset>,
                                                                TrainerOptions);

}  // namespace groklab
