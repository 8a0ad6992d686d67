// Trainers.
#include <algorithm>

#include "abi/objects.h"
#include "abi/optimizer.h"
#include "train/checked_trainer.h"

using namespace groklab;
using namespace groklab::abi;

namespace {

constexpr std::int64_t kMostElements = std::int64_t{1}
                                       << 46;  // products of extents stay in 64 bits

void check_heads(const groklab_model_options& o) {
  check_range(o.heads, 1, o.width, "options.model.heads");
  if (o.width % o.heads != 0) {
    invalid("options.model.heads is " + text(std::int64_t{o.heads}) +
            ", which does not divide the width " + text(std::int64_t{o.width}));
  }
}

/// Sizes that only models over tokens have.
void read_token_model(const groklab_model_options& o, const Dataset& dataset, ModelShape& shape) {
  if (!dataset.has_tokens()) {
    invalid("options.model.kind is " + text(std::int64_t{o.kind}) +
            ", a model over tokens; the rows of the data set are no tokens");
  }
  if (o.vocabulary != dataset.vocabulary()) {
    invalid("options.model.vocabulary is " + text(std::int64_t{o.vocabulary}) +
            "; the data set's is " + text(dataset.vocabulary()));
  }
  check_range(o.positions, dataset.sequence_length(), 1 << 24, "options.model.positions");
  check_range(o.width, 1, 8192, "options.model.width");
  if (o.kind == GROKLAB_MODEL_TRANSFORMER) {
    check_heads(o);
  } else {
    check_range(o.heads, 0, 0, "options.model.heads, of a model without attention,");
  }
  if (o.kind == GROKLAB_MODEL_MLP) {
    check_range(dataset.sequence_length() * o.width, 1, 65536,
                "options.model.width times the sequence length");
  }
  shape.vocabulary = o.vocabulary;
  shape.positions = o.positions;
  shape.width = o.width;
  shape.heads = o.heads;
}

/// Sizes that convolutions have.
void read_cnn(const groklab_model_options& o, const FeatureRows& features, ModelShape& shape) {
  shape.image = {features.channels, features.height, features.width};
  const std::int64_t shorter = std::min(features.height, features.width);
  check_range(o.layers, 1, 16, "options.model.layers, of a CNN,");
  if (shorter >> o.layers == 0) {
    invalid("options.model.layers is " + text(std::int64_t{o.layers}) +
            "; each halves the images of " + text(features.height) + " by " + text(features.width) +
            " pixels, and at least one must be left");
  }
  check_range(o.width, 1, 65536 >> (o.layers - 1), "options.model.width");
  check_range(o.hidden, 2, 65536, "options.model.hidden, half of which is a layer's width,");
  shape.width = o.width;
}

/// Sizes that models over real numbers have.
void read_feature_model(const groklab_model_options& o, const Dataset& dataset, ModelShape& shape) {
  if (dataset.features() == nullptr) {
    invalid("options.model.kind is " + text(std::int64_t{o.kind}) +
            ", a model over real numbers; the rows of the data set are tokens");
  }
  if (o.vocabulary != dataset.classes()) {
    invalid("options.model.vocabulary is " + text(std::int64_t{o.vocabulary}) +
            "; the data set has " + text(dataset.classes()) + " classes");
  }
  check_range(o.positions, 0, 0, "options.model.positions, of a model without tokens,");
  check_range(o.heads, 0, 0, "options.model.heads, of a model without attention,");
  shape.vocabulary = dataset.vocabulary();
  shape.features = dataset.features()->size();
  if (o.kind == GROKLAB_MODEL_CNN) {
    read_cnn(o, *dataset.features(), shape);
  } else {
    check_range(o.width, 0, 0, "options.model.width, of a model that has hidden layers alone,");
  }
}

/// Sizes of a model that answers a sequence with a sequence.
void read_pair_model(const groklab_model_options& o, const Dataset& dataset, ModelShape& shape) {
  const PairRows* const pairs = dataset.pairs();
  if (pairs == nullptr) {
    invalid("options.model.kind is " + text(std::int64_t{o.kind}) +
            ", a model over pairs of sequences; the rows of the data set are none");
  }
  if (o.vocabulary != dataset.classes()) {
    invalid("options.model.vocabulary is " + text(std::int64_t{o.vocabulary}) +
            "; the data set's target vocabulary is " + text(dataset.classes()));
  }
  check_range(o.positions, dataset.path_length(), 1 << 24, "options.model.positions");
  check_range(o.width, 1, 8192, "options.model.width");
  check_heads(o);
  shape.vocabulary = dataset.vocabulary();
  shape.source_vocabulary = pairs->source_vocabulary;
  shape.answers = pairs->target_length;
  shape.causal = o.looks_ahead == 0;
  shape.positions = o.positions;
  shape.width = o.width;
  shape.heads = o.heads;
}

ModelShape read_model(const groklab_model_options* options, const Dataset& dataset) {
  const groklab_model_options o = read_struct(options, "options.model");
  check_range(o.kind, GROKLAB_MODEL_TRANSFORMER, GROKLAB_MODEL_SEQ2SEQ, "options.model.kind");
  check_range(o.layers, 1, 64, "options.model.layers");
  check_range(o.hidden, 1, 65536, "options.model.hidden");
  ModelShape shape;
  shape.kind = static_cast<ModelKind>(o.kind);
  shape.sequence_length = dataset.sequence_length();
  shape.classes = dataset.classes();
  shape.layers = o.layers;
  shape.hidden = o.hidden;
  if (o.kind == GROKLAB_MODEL_SEQ2SEQ) {
    check_range(o.looks_ahead, 0, 1, "options.model.looks_ahead");
    read_pair_model(o, dataset, shape);
    return shape;
  }
  check_range(o.looks_ahead, 0, 0, "options.model.looks_ahead, of a model that tells no sequence,");
  if (o.kind <= GROKLAB_MODEL_LSTM) {
    read_token_model(o, dataset, shape);
  } else {
    read_feature_model(o, dataset, shape);
  }
  return shape;
}

/// A batch's index arrays hold query · T + position in 32 bits.
void check_batch_size(std::int64_t rows, std::int64_t length, const std::string& name) {
  check_range(rows, 1, INT32_MAX / (length * length), name);
}

std::vector<ReplicaOptions> read_replicas(const groklab_replica_options* options,
                                          std::uint32_t count, std::int64_t length) {
  std::vector<ReplicaOptions> replicas;
  for (std::uint32_t r = 0; r < count; ++r) {
    const std::string name = "options.replica_options[" + std::to_string(r) + "]";
    const auto o = read_element(options, r, "options.replica_options");
    if (o.batch_capacity > 0) check_batch_size(o.batch_capacity, length, name + ".batch_capacity");
    check_interval(o.dropout, 0, 1, name + ".dropout");
    replicas.push_back({o.batch_capacity, o.dropout_seed, o.dropout,
                        read_optimizer(o.optimizer, name + ".optimizer")});
  }
  return replicas;
}

TrainerOptions read_trainer(const groklab_trainer_options* options, const Dataset& dataset) {
  const groklab_trainer_options o = read_struct(options, "options");
  check_range(o.precision, GROKLAB_FP32, GROKLAB_FP64, "options.precision");
  check_range(o.layout, GROKLAB_LAYOUT_AUTO, GROKLAB_LAYOUT_DENSE, "options.layout");
  check_range(o.replicas, 1, 65536, "options.replicas");
  TrainerOptions out;
  out.precision = static_cast<Precision>(o.precision);
  // Rows that are not tokens have nothing to share.
  out.dense = o.layout == GROKLAB_LAYOUT_DENSE || !dataset.has_tokens();
  out.model = read_model(o.model, dataset);
  out.replicas = read_replicas(o.replica_options, o.replicas, dataset.path_length());
  return out;
}

/// Checks a workload of a trainer that these options make.
Workload read_workload(const groklab_workload* workload, const TrainerOptions& options,
                       const Dataset& dataset) {
  const groklab_workload o = read_struct(workload, "workload");
  check_range(o.splits, 0, 16, "workload.splits");
  check_range(o.chunk_steps, 1, INT32_MAX, "workload.chunk_steps");
  for (std::size_t r = 0; r < options.replicas.size(); ++r) {
    if (o.batch_capacity != 0 || options.replicas[r].batch_capacity > 0) continue;
    invalid("workload.batch_capacity is 0, and replica " + std::to_string(r) +
            " does not say either how many rows its batches have");
  }
  if (o.batch_capacity != 0) {
    check_batch_size(o.batch_capacity, dataset.path_length(), "workload.batch_capacity");
  }
  Workload out;
  out.batch_capacity = o.batch_capacity;
  out.chunk_steps = o.chunk_steps;
  if (o.splits > 0) check_not_null(o.split_rows, "workload.split_rows");
  for (std::uint32_t s = 0; s < o.splits; ++s) {
    check_range(o.split_rows[s], 1, INT32_MAX, "workload.split_rows[" + std::to_string(s) + "]");
    out.split_rows.push_back(o.split_rows[s]);
  }
  return out;
}

void write_memory(groklab_memory* to, const MemoryUse& use) {
  groklab_memory out = read_struct(to, "memory");
  check_range(out.reserved, 0, 0, "memory.reserved");
  out.host_bytes = use.host_bytes;
  out.device_bytes = use.device_bytes;
  write_struct(to, out, "memory");
}

/// Replicas whose byte in `active` is not 0; all where it is null.
std::vector<std::int64_t> read_active(const std::uint8_t* active, std::int64_t replicas) {
  std::vector<std::int64_t> numbers;
  for (std::int64_t r = 0; r < replicas; ++r) {
    if (active == nullptr || active[r] != 0) numbers.push_back(r);
  }
  return numbers;
}

std::size_t real_bytes(const Trainer& trainer) {
  return trainer.options().precision == Precision::kFp64 ? sizeof(double) : sizeof(float);
}

FlatBufferKind check_buffer(const TrainerUse& trainer, std::uint32_t replica, std::uint32_t buffer,
                            const void* memory, std::uint64_t bytes) {
  trainer.check_replica(replica);
  check_range(buffer, GROKLAB_PARAMETERS, GROKLAB_MOMENTUM, "buffer");
  const auto kind = static_cast<FlatBufferKind>(buffer);
  if (!trainer->options().replicas[replica].keeps(kind)) {
    constexpr const char* kNames[] = {"parameters", "gradients", "first moments", "second moments",
                                      "momentum"};
    invalid("buffer is " + std::to_string(buffer) + ", the " + kNames[buffer] +
            ", which the optimizer of replica " + std::to_string(replica) + " does not keep");
  }
  check_not_null(memory, "memory of the caller");
  const std::uint64_t needed =
      static_cast<std::uint64_t>(trainer->parameters().size()) * real_bytes(*trainer);
  if (bytes != needed) {
    invalid("bytes is " + std::to_string(bytes) + "; a flat buffer of this trainer has " +
            std::to_string(needed));
  }
  return kind;
}

const ActivationInfo& activation_at(const Trainer& trainer, std::uint32_t index) {
  const std::vector<ActivationInfo>& all = trainer.activations();
  check_range(index, 0, static_cast<std::int64_t>(all.size()) - 1, "index");
  return all[index];
}

/// Memory for the logits of so many rows.
void check_logit_bytes(const Trainer& trainer, std::int64_t rows, std::uint64_t bytes) {
  const ModelShape& model = trainer.options().model;
  const std::int64_t numbers =
      checked_product(rows, model.answers * model.classes, kMostElements, "the number of logits");
  const std::uint64_t needed = static_cast<std::uint64_t>(numbers) * real_bytes(trainer);
  if (bytes != needed) {
    invalid("bytes is " + std::to_string(bytes) + "; " + text(rows) + " rows of logits take " +
            std::to_string(needed));
  }
}

std::string entry_name(const char* array, std::int64_t replica, std::int64_t step) {
  return std::string(array) + "[" + text(replica) + ", " + text(step) + "]";
}

Chunk read_chunk(const TrainerUse& trainer, const groklab_chunk* chunk) {
  const groklab_chunk o = read_struct(chunk, "chunk");
  const std::int64_t length = trainer->dataset().path_length();
  check_range(o.reserved, 0, 0, "chunk.reserved");
  check_range(o.steps, 0, INT32_MAX, "chunk.steps");
  check_range(o.batch_capacity, 1, INT32_MAX, "chunk.batch_capacity");
  Chunk out;
  out.steps = o.steps;
  out.batch_capacity = o.batch_capacity;
  out.rows = o.rows;
  out.batch_sizes = o.batch_sizes;
  out.learning_rates = o.learning_rates;
  out.losses = o.losses;
  out.active = read_active(o.active, trainer.replicas());
  if (o.steps == 0) return out;
  check_not_null(o.rows, "chunk.rows");
  check_not_null(o.batch_sizes, "chunk.batch_sizes");
  check_not_null(o.learning_rates, "chunk.learning_rates");
  for (const std::int64_t r : out.active) {
    const std::int64_t own =
        trainer->options().replicas[static_cast<std::size_t>(r)].batch_capacity;
    const std::int64_t capacity = own > 0 ? std::min(own, o.batch_capacity) : o.batch_capacity;
    for (std::int64_t s = 0; s < o.steps; ++s) {
      const std::int64_t entry = r * o.steps + s;
      const std::int64_t size = o.batch_sizes[entry];
      if (size < 1 || size > capacity) {
        check_range(size, 1, capacity, entry_name("chunk.batch_sizes", r, s));
      }
      if (size > INT32_MAX / (length * length)) {
        check_batch_size(size, length, entry_name("chunk.batch_sizes", r, s));
      }
      const std::int32_t* const rows = o.rows + entry * o.batch_capacity;
      if (!trainer.has_rows(rows, size)) {
        trainer.check_rows(rows, size, entry_name("chunk.rows", r, s));
      }
      if (!(o.learning_rates[entry] >= 0 && std::isfinite(o.learning_rates[entry]))) {
        check_not_negative(o.learning_rates[entry], entry_name("chunk.learning_rates", r, s));
      }
    }
  }
  return out;
}

}  // namespace

groklab_status groklab_trainer_create(groklab_engine* engine, groklab_dataset* dataset,
                                      const groklab_trainer_options* options,
                                      groklab_trainer** trainer) {
  return guarded([&] {
    const auto engine_object = engines().get(engine);
    const auto dataset_object = datasets().get(dataset);
    TrainerOptions out = read_trainer(options, *dataset_object->dataset);
    check_not_null(trainer, "trainer");
    auto object = std::make_shared<TrainerObject>();
    const ChosenBackend& chosen = engine_object->chosen;
    object->trainer = chosen.reference == nullptr
                          ? make_trainer(chosen.backend, dataset_object->dataset, std::move(out))
                          : make_checked_trainer(chosen.backend, chosen.reference,
                                                 dataset_object->dataset, std::move(out));
    *trainer = trainers().put(std::move(object));
  });
}

groklab_status groklab_trainer_destroy(groklab_trainer* trainer) {
  return guarded([&] {
    if (trainer == nullptr) return;
    const TrainerUse use(trainer);  // refuses while another thread is inside
    trainers().take(trainer);
  });
}

groklab_status groklab_trainer_memory_needed(groklab_engine* engine, groklab_dataset* dataset,
                                             const groklab_trainer_options* options,
                                             const groklab_workload* workload,
                                             groklab_memory* memory) {
  return guarded([&] {
    const auto engine_object = engines().get(engine);
    const auto dataset_object = datasets().get(dataset);
    const TrainerOptions out = read_trainer(options, *dataset_object->dataset);
    const Workload work = read_workload(workload, out, *dataset_object->dataset);
    const ChosenBackend& chosen = engine_object->chosen;
    write_memory(memory, chosen.reference == nullptr
                             ? memory_needed(*chosen.backend, dataset_object->dataset, out, work)
                             : checked_memory_needed(*chosen.backend, *chosen.reference,
                                                     dataset_object->dataset, out, work));
  });
}

groklab_status groklab_trainer_reserve(groklab_trainer* trainer, const groklab_workload* workload) {
  return guarded([&] {
    const TrainerUse use(trainer);
    use->reserve(read_workload(workload, use->options(), use->dataset()));
  });
}

groklab_status groklab_trainer_memory_used(groklab_trainer* trainer, groklab_memory* memory) {
  return guarded([&] {
    const TrainerUse use(trainer);
    write_memory(memory, use->memory_used());
  });
}

groklab_status groklab_trainer_query(groklab_trainer* trainer, groklab_trainer_info* info) {
  return guarded([&] {
    const TrainerUse use(trainer);
    groklab_trainer_info out{};
    out.replicas = static_cast<uint32_t>(use.replicas());
    out.precision = static_cast<uint32_t>(use->options().precision);
    out.tensors = static_cast<uint32_t>(use->parameters().tensors().size());
    out.parameters = use->parameters().size();
    write_struct(info, out, "info");
  });
}

groklab_status groklab_trainer_tensor(groklab_trainer* trainer, uint32_t index,
                                      groklab_tensor_info* info) {
  return guarded([&] {
    const TrainerUse use(trainer);
    const std::vector<ParameterTensor>& tensors = use->parameters().tensors();
    check_range(index, 0, static_cast<std::int64_t>(tensors.size()) - 1, "index");
    const ParameterTensor& tensor = tensors[index];
    groklab_tensor_info out{};
    const std::vector<std::int64_t> shape = tensor.shape();
    out.rank = static_cast<std::uint32_t>(shape.size());
    std::ranges::fill(out.shape, 1);
    std::ranges::copy(shape, out.shape);
    out.offset = tensor.offset;
    out.count = tensor.count();
    copy_text(out.name, tensor.name);
    write_struct(info, out, "info");
  });
}

groklab_status groklab_trainer_initialize(groklab_trainer* trainer, uint32_t replica,
                                          uint64_t seed) {
  return guarded([&] {
    const TrainerUse use(trainer);
    use.check_replica(replica);
    use->initialize(replica, seed);
  });
}

groklab_status groklab_trainer_read(groklab_trainer* trainer, uint32_t replica, uint32_t buffer,
                                    void* destination, uint64_t bytes) {
  return guarded([&] {
    const TrainerUse use(trainer);
    use->read(replica, check_buffer(use, replica, buffer, destination, bytes), destination);
  });
}

groklab_status groklab_trainer_write(groklab_trainer* trainer, uint32_t replica, uint32_t buffer,
                                     const void* source, uint64_t bytes) {
  return guarded([&] {
    const TrainerUse use(trainer);
    use->write(replica, check_buffer(use, replica, buffer, source, bytes), source);
  });
}

groklab_status groklab_trainer_step(groklab_trainer* trainer, uint32_t replica, int64_t* step) {
  return guarded([&] {
    const TrainerUse use(trainer);
    use.check_replica(replica);
    check_not_null(step, "step");
    *step = use->step(replica);
  });
}

groklab_status groklab_trainer_set_step(groklab_trainer* trainer, uint32_t replica, int64_t step) {
  return guarded([&] {
    const TrainerUse use(trainer);
    use.check_replica(replica);
    check_range(step, 0, INT64_MAX - INT32_MAX, "step");
    use->set_step(replica, step);
  });
}

groklab_status groklab_trainer_run(groklab_trainer* trainer, const groklab_chunk* chunk) {
  return guarded([&] {
    const TrainerUse use(trainer);
    use->run(read_chunk(use, chunk));
  });
}

groklab_status groklab_trainer_set_split(groklab_trainer* trainer, uint32_t replica, uint32_t split,
                                         const int32_t* rows, int64_t count) {
  return guarded([&] {
    const TrainerUse use(trainer);
    use.check_replica(replica);
    check_range(split, 0, 15, "split");
    check_not_null(rows, "rows");
    check_range(count, 1, INT32_MAX, "count");
    use.check_rows(rows, count, "rows");
    use->set_split(replica, split, {rows, static_cast<std::size_t>(count)});
  });
}

groklab_status groklab_trainer_evaluate(groklab_trainer* trainer,
                                        const groklab_evaluation* evaluation) {
  return guarded([&] {
    const TrainerUse use(trainer);
    const groklab_evaluation o = read_struct(evaluation, "evaluation");
    check_range(o.splits, 0, 16, "evaluation.splits");
    Evaluation out;
    out.splits = o.splits;
    out.losses = o.losses;
    out.accuracies = o.accuracies;
    out.weight_norms = o.weight_norms;
    out.active = read_active(o.active, use.replicas());
    for (const std::int64_t r : out.active) {
      for (std::int64_t s = 0; s < out.splits; ++s) {
        if (!use->has_split(r, s)) {
          invalid("split " + text(s) + " of replica " + text(r) +
                  " has no rows yet; set them first");
        }
      }
    }
    use->evaluate(out);
  });
}

groklab_status groklab_trainer_gradient(groklab_trainer* trainer, uint32_t replica,
                                        const int32_t* rows, int64_t count, double* loss) {
  return guarded([&] {
    const TrainerUse use(trainer);
    use.check_replica(replica);
    check_not_null(rows, "rows");
    check_batch_size(count, use->dataset().path_length(), "count");
    use.check_rows(rows, count, "rows");
    const double value = use->gradient(replica, {rows, static_cast<std::size_t>(count)});
    if (loss != nullptr) *loss = value;
  });
}

groklab_status groklab_trainer_logits(groklab_trainer* trainer, uint32_t replica,
                                      const int32_t* rows, int64_t count, void* logits,
                                      uint64_t bytes) {
  return guarded([&] {
    const TrainerUse use(trainer);
    use.check_replica(replica);
    check_not_null(rows, "rows");
    check_not_null(logits, "logits");
    check_range(count, 0, INT32_MAX, "count");
    use.check_rows(rows, count, "rows");
    check_logit_bytes(*use, count, bytes);
    use->logits(replica, {rows, static_cast<std::size_t>(count)}, logits);
  });
}

groklab_status groklab_trainer_predict(groklab_trainer* trainer, uint32_t replica,
                                       const float* features, int64_t count, void* logits,
                                       uint64_t bytes) {
  return guarded([&] {
    const TrainerUse use(trainer);
    use.check_replica(replica);
    const FeatureRows* const rows = use->dataset().features();
    if (rows == nullptr) invalid("this trainer's data set has no features: its rows are tokens");
    check_not_null(features, "features");
    check_not_null(logits, "logits");
    check_range(count, 1, use->dataset().rows(), "count");
    check_logit_bytes(*use, count, bytes);
    use->predict(replica, {features, static_cast<std::size_t>(count * rows->size())}, count,
                 logits);
  });
}

groklab_status groklab_trainer_activation_count(groklab_trainer* trainer, uint32_t* count) {
  return guarded([&] {
    const TrainerUse use(trainer);
    check_not_null(count, "count");
    *count = static_cast<uint32_t>(use->activations().size());
  });
}

groklab_status groklab_trainer_activation(groklab_trainer* trainer, uint32_t index,
                                          groklab_activation_info* info) {
  return guarded([&] {
    const TrainerUse use(trainer);
    const ActivationInfo& activation = activation_at(*use, index);
    groklab_activation_info out{};
    out.has_gradient = activation.has_gradient ? 1 : 0;
    out.positions = activation.positions;
    out.width = activation.width;
    copy_text(out.name, activation.name);
    write_struct(info, out, "info");
  });
}

groklab_status groklab_trainer_observe(groklab_trainer* trainer, uint32_t replica, uint32_t index,
                                       const int32_t* rows, int64_t count, void* values,
                                       void* gradients, uint64_t bytes) {
  return guarded([&] {
    const TrainerUse use(trainer);
    use.check_replica(replica);
    const ActivationInfo& activation = activation_at(*use, index);
    check_not_null(rows, "rows");
    check_batch_size(count, use->dataset().path_length(), "count");
    use.check_rows(rows, count, "rows");
    check_not_null(values, "values");
    if (gradients != nullptr && !activation.has_gradient) {
      invalid("gradients is given, and of " + activation.name + " there are none");
    }
    const std::int64_t numbers = checked_product(count, activation.positions * activation.width,
                                                 kMostElements, "the number of values");
    const std::uint64_t needed = static_cast<std::uint64_t>(numbers) * real_bytes(*use);
    if (bytes != needed) {
      invalid("bytes is " + std::to_string(bytes) + "; " + activation.name + " of " + text(count) +
              " rows takes " + std::to_string(needed));
    }
    use->observe(replica, index, {rows, static_cast<std::size_t>(count)}, values, gradients);
  });
}

groklab_status groklab_trainer_step_cost(groklab_trainer* trainer, uint32_t replica,
                                         const int32_t* rows, int64_t count,
                                         groklab_step_cost* cost) {
  return guarded([&] {
    const TrainerUse use(trainer);
    use.check_replica(replica);
    check_not_null(rows, "rows");
    check_batch_size(count, use->dataset().path_length(), "count");
    use.check_rows(rows, count, "rows");
    groklab_step_cost out = read_struct(cost, "cost");
    check_range(out.reserved, 0, 0, "cost.reserved");
    const StepCost counted = use->step_cost(replica, {rows, static_cast<std::size_t>(count)});
    out.flops = counted.flops;
    out.dense_flops = counted.dense_flops;
    out.parameter_bytes = counted.parameter_bytes;
    out.activation_bytes = counted.activation_bytes;
    write_struct(cost, out, "cost");
  });
}
