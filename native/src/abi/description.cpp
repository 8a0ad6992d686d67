// The ABI as this library was compiled, as text: what bindings compare themselves with.
#include <cstddef>
#include <sstream>
#include <string>
#include <type_traits>

#include "groklab/groklab.h"

namespace {

template <class T>
void write_type(std::ostream& out) {
  if constexpr (std::is_array_v<T> && std::is_same_v<std::remove_extent_t<T>, char>) {
    out << "char[" << std::extent_v<T> << "]";
  } else if constexpr (std::is_array_v<T>) {
    write_type<std::remove_extent_t<T>>(out);
    out << "[" << std::extent_v<T> << "]";
  } else if constexpr (std::is_pointer_v<T>) {
    out << "ptr";
  } else if constexpr (std::is_void_v<T>) {
    out << "void";
  } else if constexpr (std::is_same_v<T, double>) {
    out << "f64";
  } else {
    static_assert(std::is_integral_v<T>);
    out << (std::is_signed_v<T> ? "i" : "u") << 8 * sizeof(T);
  }
}

class Description {
 public:
  template <class S>
  void begin(const char* name) {
    struct_ = name;
    out_ << "struct " << struct_ << " " << sizeof(S) << "\n";
  }

  template <class F>
  void field(const char* name, std::size_t offset) {
    out_ << "field " << struct_ << " " << name << " " << offset << " " << sizeof(F) << " ";
    write_type<F>(out_);
    out_ << "\n";
  }

  template <class R, class... A>
  void function(const char* name, R (*)(A...)) {
    out_ << "function " << name << " ";
    write_type<R>(out_);
    out_ << "(";
    [[maybe_unused]] const char* separator = "";
    ((out_ << separator, write_type<A>(out_), separator = ","), ...);
    out_ << ")\n";
  }

  [[nodiscard]] std::string text() const { return out_.str(); }

 private:
  const char* struct_ = "";
  std::ostringstream out_;
};

// The only way to name a field and its offset at once.
#define FIELD(name) d.field<decltype(S::name)>(#name, offsetof(S, name))
#define BEGIN(type) \
  using S = type;   \
  d.begin<S>(#type)
#define FUNCTION(name) d.function(#name, &name)

void describe_engine_structs(Description& d) {
  {
    BEGIN(groklab_backend_info);
    FIELD(struct_size), FIELD(backend), FIELD(usable), FIELD(reserved), FIELD(name), FIELD(detail);
  }
  {
    BEGIN(groklab_engine_options);
    FIELD(struct_size), FIELD(backend), FIELD(threads), FIELD(reserved);
  }
  {
    BEGIN(groklab_engine_info);
    FIELD(struct_size), FIELD(backend), FIELD(threads), FIELD(reserved), FIELD(backend_name);
    FIELD(instruction_set), FIELD(device), FIELD(notice);
  }
  {
    BEGIN(groklab_peak);
    FIELD(struct_size), FIELD(reserved), FIELD(flops), FIELD(bytes_per_second);
  }
  {
    BEGIN(groklab_dataset_options);
    FIELD(struct_size), FIELD(vocabulary), FIELD(sequence_length), FIELD(reserved), FIELD(rows);
    FIELD(tokens), FIELD(targets);
  }
  {
    BEGIN(groklab_features_options);
    FIELD(struct_size), FIELD(classes), FIELD(channels), FIELD(height), FIELD(width);
    FIELD(reserved), FIELD(rows), FIELD(values), FIELD(targets), FIELD(weights);
  }
  {
    BEGIN(groklab_pairs_options);
    FIELD(struct_size), FIELD(source_vocabulary), FIELD(source_length), FIELD(target_vocabulary);
    FIELD(target_length), FIELD(reserved), FIELD(rows), FIELD(sources), FIELD(targets);
  }
}

void describe_trainer_structs(Description& d) {
  {
    BEGIN(groklab_model_options);
    FIELD(struct_size), FIELD(kind), FIELD(vocabulary), FIELD(positions), FIELD(layers);
    FIELD(width), FIELD(heads), FIELD(hidden), FIELD(looks_ahead);
  }
  {
    BEGIN(groklab_optimizer_options);
    FIELD(struct_size), FIELD(kind), FIELD(nesterov), FIELD(centered), FIELD(beta1), FIELD(beta2);
    FIELD(alpha), FIELD(momentum), FIELD(epsilon), FIELD(weight_decay), FIELD(clip_norm);
  }
  {
    BEGIN(groklab_replica_options);
    FIELD(struct_size), FIELD(batch_capacity), FIELD(dropout_seed), FIELD(dropout);
    FIELD(optimizer);
  }
  {
    BEGIN(groklab_trainer_options);
    FIELD(struct_size), FIELD(precision), FIELD(layout), FIELD(replicas), FIELD(model);
    FIELD(replica_options);
  }
  {
    BEGIN(groklab_workload);
    FIELD(struct_size), FIELD(splits), FIELD(batch_capacity), FIELD(chunk_steps);
    FIELD(split_rows);
  }
  {
    BEGIN(groklab_memory);
    FIELD(struct_size), FIELD(reserved), FIELD(host_bytes), FIELD(device_bytes);
  }
  {
    BEGIN(groklab_tensor_info);
    FIELD(struct_size), FIELD(rank), FIELD(shape), FIELD(offset), FIELD(count), FIELD(name);
  }
  {
    BEGIN(groklab_trainer_info);
    FIELD(struct_size), FIELD(replicas), FIELD(precision), FIELD(tensors), FIELD(parameters);
  }
  {
    BEGIN(groklab_chunk);
    FIELD(struct_size), FIELD(reserved), FIELD(steps), FIELD(batch_capacity), FIELD(rows);
    FIELD(batch_sizes), FIELD(learning_rates), FIELD(active), FIELD(losses);
  }
  {
    BEGIN(groklab_evaluation);
    FIELD(struct_size), FIELD(splits), FIELD(active), FIELD(losses), FIELD(accuracies);
    FIELD(weight_norms);
  }
  {
    BEGIN(groklab_activation_info);
    FIELD(struct_size), FIELD(has_gradient), FIELD(positions), FIELD(width), FIELD(name);
  }
  {
    BEGIN(groklab_step_cost);
    FIELD(struct_size), FIELD(reserved), FIELD(flops), FIELD(dense_flops), FIELD(parameter_bytes);
    FIELD(activation_bytes);
  }
}

void describe_op_structs(Description& d) {
  {
    BEGIN(groklab_op_linear);
    FIELD(struct_size), FIELD(precision), FIELD(replicas), FIELD(rows), FIELD(in_features);
    FIELD(out_features), FIELD(x), FIELD(weight), FIELD(bias), FIELD(y), FIELD(dy), FIELD(dx);
    FIELD(dweight), FIELD(dbias);
  }
  {
    BEGIN(groklab_op_layer_norm);
    FIELD(struct_size), FIELD(precision), FIELD(replicas), FIELD(rows), FIELD(width);
    FIELD(epsilon), FIELD(x), FIELD(residual), FIELD(gamma), FIELD(beta), FIELD(normalized);
    FIELD(inverse_deviation), FIELD(y), FIELD(dy), FIELD(dx), FIELD(dgamma), FIELD(dbeta);
  }
  {
    BEGIN(groklab_op_activation);
    FIELD(struct_size), FIELD(precision), FIELD(replicas), FIELD(rows), FIELD(width), FIELD(x);
    FIELD(y), FIELD(dy), FIELD(dx);
  }
  {
    BEGIN(groklab_op_lstm_cell);
    FIELD(struct_size), FIELD(precision), FIELD(replicas), FIELD(rows), FIELD(width);
    FIELD(input), FIELD(hidden), FIELD(bias), FIELD(previous_cell), FIELD(gates), FIELD(cell);
    FIELD(squashed_cell), FIELD(output), FIELD(doutput), FIELD(dcell), FIELD(dgates);
    FIELD(dprevious_cell);
  }
  {
    BEGIN(groklab_op_attention);
    FIELD(struct_size), FIELD(precision), FIELD(replicas), FIELD(queries), FIELD(keys);
    FIELD(path_length), FIELD(heads), FIELD(width), FIELD(path), FIELD(q), FIELD(k), FIELD(v);
    FIELD(weights), FIELD(y), FIELD(dy), FIELD(dq), FIELD(dk), FIELD(dv);
  }
  {
    BEGIN(groklab_op_cross_entropy);
    FIELD(struct_size), FIELD(precision), FIELD(replicas), FIELD(rows), FIELD(classes);
    FIELD(logits), FIELD(targets), FIELD(counts), FIELD(dlogits), FIELD(losses), FIELD(correct);
  }
  {
    BEGIN(groklab_op_embedding);
    FIELD(struct_size), FIELD(precision), FIELD(replicas), FIELD(rows), FIELD(width);
    FIELD(vocabulary), FIELD(positions), FIELD(tokens), FIELD(position_of), FIELD(token_table);
    FIELD(position_table), FIELD(y), FIELD(dy), FIELD(dtoken_table), FIELD(dposition_table);
  }
  {
    BEGIN(groklab_op_dropout);
    FIELD(struct_size), FIELD(precision), FIELD(replicas), FIELD(rows), FIELD(width), FIELD(site);
    FIELD(reserved), FIELD(seeds), FIELD(steps), FIELD(rates), FIELD(x), FIELD(y);
  }
  {
    BEGIN(groklab_op_optimizer);
    FIELD(struct_size), FIELD(precision), FIELD(replicas), FIELD(parameters), FIELD(optimizers);
    FIELD(steps), FIELD(learning_rates), FIELD(gradients), FIELD(values), FIELD(first_moments);
    FIELD(second_moments), FIELD(momentum);
  }
  {
    BEGIN(groklab_op_convolution);
    FIELD(struct_size), FIELD(precision), FIELD(replicas), FIELD(rows), FIELD(channels);
    FIELD(height), FIELD(width), FIELD(out_channels), FIELD(kernel), FIELD(x), FIELD(weight);
    FIELD(bias), FIELD(y), FIELD(dy), FIELD(dx), FIELD(dweight), FIELD(dbias);
  }
  {
    BEGIN(groklab_op_max_pool);
    FIELD(struct_size), FIELD(precision), FIELD(replicas), FIELD(rows), FIELD(channels);
    FIELD(height), FIELD(width), FIELD(x), FIELD(winners), FIELD(y), FIELD(dy), FIELD(dx);
  }
}

void describe_functions(Description& d) {
  FUNCTION(groklab_abi_number), FUNCTION(groklab_version), FUNCTION(groklab_build);
  FUNCTION(groklab_last_error), FUNCTION(groklab_abi_description);
  FUNCTION(groklab_backend_count), FUNCTION(groklab_backend_query);
  FUNCTION(groklab_engine_create), FUNCTION(groklab_engine_destroy), FUNCTION(groklab_engine_query);
  FUNCTION(groklab_engine_measure_peak);
  FUNCTION(groklab_dataset_create), FUNCTION(groklab_features_create);
  FUNCTION(groklab_features_write), FUNCTION(groklab_pairs_create), FUNCTION(groklab_pairs_write);
  FUNCTION(groklab_dataset_destroy);
  FUNCTION(groklab_trainer_create), FUNCTION(groklab_trainer_destroy);
  FUNCTION(groklab_trainer_memory_needed), FUNCTION(groklab_trainer_reserve);
  FUNCTION(groklab_trainer_memory_used);
  FUNCTION(groklab_trainer_query), FUNCTION(groklab_trainer_tensor);
  FUNCTION(groklab_trainer_initialize), FUNCTION(groklab_trainer_read);
  FUNCTION(groklab_trainer_write), FUNCTION(groklab_trainer_step);
  FUNCTION(groklab_trainer_set_step), FUNCTION(groklab_trainer_run);
  FUNCTION(groklab_trainer_set_split), FUNCTION(groklab_trainer_evaluate);
  FUNCTION(groklab_trainer_gradient), FUNCTION(groklab_trainer_logits);
  FUNCTION(groklab_trainer_predict), FUNCTION(groklab_trainer_activation_count);
  FUNCTION(groklab_trainer_activation), FUNCTION(groklab_trainer_observe);
  FUNCTION(groklab_trainer_step_cost), FUNCTION(groklab_philox);
  FUNCTION(groklab_op_linear_forward), FUNCTION(groklab_op_linear_backward);
  FUNCTION(groklab_op_layer_norm_forward), FUNCTION(groklab_op_layer_norm_backward);
  FUNCTION(groklab_op_gelu_forward), FUNCTION(groklab_op_gelu_backward);
  FUNCTION(groklab_op_relu_forward), FUNCTION(groklab_op_relu_backward);
  FUNCTION(groklab_op_lstm_cell_forward), FUNCTION(groklab_op_lstm_cell_backward);
  FUNCTION(groklab_op_attention_forward), FUNCTION(groklab_op_attention_backward);
  FUNCTION(groklab_op_cross_entropy_run);
  FUNCTION(groklab_op_embedding_forward), FUNCTION(groklab_op_embedding_backward);
  FUNCTION(groklab_op_dropout_run), FUNCTION(groklab_op_optimizer_step);
  FUNCTION(groklab_op_convolution_forward), FUNCTION(groklab_op_convolution_backward);
  FUNCTION(groklab_op_max_pool_forward), FUNCTION(groklab_op_max_pool_backward);
}

#undef FIELD
#undef BEGIN
#undef FUNCTION

std::string describe() {
  Description d;
  describe_engine_structs(d);
  describe_trainer_structs(d);
  describe_op_structs(d);
  describe_functions(d);
  return d.text();
}

}  // namespace

const char* groklab_abi_description(void) {
  try {
    static const std::string& text = *new std::string(describe());
    return text.c_str();
  } catch (...) {
    return "";
  }
}
