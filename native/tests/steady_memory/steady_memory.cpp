// Memory that stays as it is: every request of the library is counted, also those that are given back
// at once.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include <unistd.h>

#include "ops/cpu/cpu_backend.h"
#include "support/check.h"
#include "train/trainer.h"

namespace {

std::atomic<std::int64_t> requests{0};

}  // namespace

// The linker leads the library's calls of the C allocator here.
extern "C" {
void* __real_malloc(std::size_t bytes);
void* __real_calloc(std::size_t count, std::size_t bytes);
void* __real_realloc(void* memory, std::size_t bytes);
void* __real_aligned_alloc(std::size_t alignment, std::size_t bytes);

void* __wrap_malloc(std::size_t bytes) {
  ++requests;
  return __real_malloc(bytes);
}
void* __wrap_calloc(std::size_t count, std::size_t bytes) {
  ++requests;
  return __real_calloc(count, bytes);
}
void* __wrap_realloc(void* memory, std::size_t bytes) {
  ++requests;
  return __real_realloc(memory, bytes);
}
void* __wrap_aligned_alloc(std::size_t alignment, std::size_t bytes) {
  ++requests;
  return __real_aligned_alloc(alignment, bytes);
}
}

// All forms of new and delete end in these.
void* operator new(std::size_t bytes) {
  if (void* const memory = std::malloc(bytes)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  const auto border = static_cast<std::size_t>(alignment);
  if (void* const memory = std::aligned_alloc(border, (bytes + border - 1) / border * border)) {
    return memory;
  }
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace groklab::test {
namespace {

constexpr std::int32_t kSymbols = 7;
constexpr std::int64_t kBatch = 12;

/// Sums of two numbers modulo 7, as tokens x, y.
std::shared_ptr<const Dataset> dataset() {
  std::vector<std::int32_t> tokens;
  std::vector<std::int32_t> targets;
  for (std::int32_t x = 0; x < kSymbols; ++x) {
    for (std::int32_t y = 0; y < kSymbols; ++y) {
      tokens.insert(tokens.end(), {x, y});
      targets.push_back((x + y) % kSymbols);
    }
  }
  return std::make_shared<const Dataset>(kSymbols, 2, tokens, targets);
}

TrainerOptions options_of(ModelKind kind, std::size_t replicas, double dropout) {
  TrainerOptions options;
  options.model.kind = kind;
  options.model.sequence_length = 2;
  options.model.vocabulary = kSymbols;
  options.model.classes = kSymbols;
  options.model.layers = 2;
  options.model.width = 8;
  options.model.heads = kind == ModelKind::kTransformer ? 2 : 0;
  options.model.hidden = 12;
  options.replicas.resize(replicas);
  for (ReplicaOptions& replica : options.replicas) {
    replica.dropout = dropout;
    replica.optimizer.beta1 = 0.9;
    replica.optimizer.beta2 = 0.98;
    replica.optimizer.epsilon = 1e-8;
    replica.optimizer.clip_norm = 1;
  }
  return options;
}

/// A chunk for all replicas, whose batches have trees of all sizes.
class Steps {
 public:
  Steps(std::size_t replicas, std::int64_t steps)
      : rows_(replicas * static_cast<std::size_t>(steps * kBatch)),
        sizes_(replicas * static_cast<std::size_t>(steps)),
        rates_(sizes_.size(), 1e-3),
        losses_(sizes_.size()) {
    for (std::size_t entry = 0; entry < sizes_.size(); ++entry) {
      const auto number = static_cast<std::int32_t>(entry);
      sizes_[entry] = static_cast<std::int32_t>(kBatch) - number % 5;
      for (std::int32_t i = 0; i < sizes_[entry]; ++i) {
        rows_[entry * static_cast<std::size_t>(kBatch) + static_cast<std::size_t>(i)] =
            i * (number % 11) % (kSymbols * kSymbols);
      }
    }
    chunk_.steps = steps;
    chunk_.batch_capacity = kBatch;
    chunk_.rows = rows_.data();
    chunk_.batch_sizes = sizes_.data();
    chunk_.learning_rates = rates_.data();
    chunk_.losses = losses_.data();
    for (std::size_t r = 0; r < replicas; ++r) {
      chunk_.active.push_back(static_cast<std::int64_t>(r));
    }
  }

  [[nodiscard]] const Chunk& chunk() const { return chunk_; }

 private:
  std::vector<std::int32_t> rows_, sizes_;
  std::vector<double> rates_, losses_;
  Chunk chunk_;
};

std::int64_t requests_of(Trainer& trainer, const Chunk& chunk) {
  const std::int64_t before = requests;
  trainer.run(chunk);
  return requests - before;
}

/// Bytes of this process that lie in memory.
std::int64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t whole = 0;
  std::int64_t resident = 0;
  statm >> whole >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

}  // namespace

TEST(the_count_sees_every_request) {
  const std::int64_t before = requests;
  std::vector<std::int32_t> vector(1);
  CHECK_EQUAL(requests - before, 1);
  const auto backend = cpu::make_cpu_backend(1, "");
  const std::int64_t made = requests;
  void* const memory = backend->allocate(100);
  CHECK_EQUAL(requests - made, 1);
  backend->release(memory);
}

/// What a chunk takes for itself does not depend on its steps. (With as many replicas as threads or
/// more, it is chance which of the engine's threads is the first to need what it keeps for products.)
TEST(steps_take_no_memory) {
  for (const ModelKind kind : {ModelKind::kTransformer, ModelKind::kMlp, ModelKind::kLstm}) {
    for (const double dropout : {0.0, 0.2}) {
      for (const auto& [threads, replicas] : {std::pair{1u, 3u}, std::pair{2u, 1u}}) {
        const auto trainer = make_trainer(cpu::make_cpu_backend(threads, ""), dataset(),
                                          options_of(kind, replicas, dropout));
        for (std::uint32_t r = 0; r < replicas; ++r) trainer->initialize(r, r);
        const Steps one(replicas, 1);
        const Steps many(replicas, 60);
        trainer->run(many.chunk());
        const std::int64_t of_one = requests_of(*trainer, one.chunk());
        CHECK_EQUAL(requests_of(*trainer, many.chunk()), of_one);
        CHECK(of_one < 5);
      }
    }
  }
}

/// What the trainer itself keeps for batches it takes before the first step, whatever the batches.
TEST(larger_trees_take_no_memory) {
  for (const ModelKind kind : {ModelKind::kTransformer, ModelKind::kMlp, ModelKind::kLstm}) {
    const auto trainer =
        make_trainer(cpu::make_cpu_backend(1, ""), dataset(), options_of(kind, 1, 0));
    trainer->initialize(0, 1);
    std::vector<std::int32_t> rows(kBatch, 5);
    const std::int32_t size = kBatch;
    const double rate = 1e-3;
    Chunk chunk;
    chunk.steps = 1;
    chunk.batch_capacity = kBatch;
    chunk.rows = rows.data();
    chunk.batch_sizes = &size;
    chunk.learning_rates = &rate;
    chunk.active = {0};
    trainer->run(chunk);  // a tree of one leaf
    const MemoryUse used = trainer->memory_used();
    for (std::int32_t i = 0; i < size; ++i) rows[static_cast<std::size_t>(i)] = i * 4;
    trainer->run(chunk);  // one that shares next to nothing
    CHECK_EQUAL(trainer->memory_used().host_bytes, used.host_bytes);
  }
}

TEST(a_hundred_thousand_steps_take_no_memory) {
  constexpr std::int64_t kSteps = 1000;
  TrainerOptions options = options_of(ModelKind::kMlp, 1, 0);
  options.model.layers = 1;
  options.model.width = 2;
  options.model.hidden = 4;
  const auto trainer = make_trainer(cpu::make_cpu_backend(1, ""), dataset(), options);
  trainer->initialize(0, 1);
  const Steps steps(1, kSteps);
  trainer->run(steps.chunk());
  const MemoryUse used = trainer->memory_used();
  const std::int64_t resident = resident_bytes();
  const std::int64_t of_a_chunk = requests_of(*trainer, steps.chunk());
  for (int chunk = 1; chunk < 100; ++chunk) {
    CHECK_EQUAL(requests_of(*trainer, steps.chunk()), of_a_chunk);
  }
  CHECK_EQUAL(trainer->step(0), 101 * kSteps);
  CHECK_EQUAL(trainer->memory_used().host_bytes, used.host_bytes);
  CHECK(resident > 0);
  CHECK(resident_bytes() < resident + (std::int64_t{1} << 20));
}

}  // namespace groklab::test
