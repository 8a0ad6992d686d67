/**
 * @file groklab.h
 * The whole C ABI of the Groklab engine. C99; nothing else of the library is public.
 *
 * Conventions, which hold for every function here:
 *
 * - **Status.** A function that can fail returns a `groklab_status`; `GROKLAB_OK` is 0. On failure
 *   `groklab_last_error()` tells the calling thread in words what was wrong, with the value, and
 *   what would be right; outputs are then unchanged unless their comment says otherwise. Nothing
 *   aborts, exits, throws or prints.
 * - **Structs** start with `struct_size`, which the caller sets to `sizeof` of the struct it was
 *   compiled with. A smaller one than this library's reads as zero in the fields it lacks.
 * - **Handles** are opaque and checked: a null, foreign or destroyed handle is
 *   `GROKLAB_INVALID_HANDLE`, never a crash. A handle belongs to whoever created it. Destroying
 *   null does nothing. An engine may be destroyed before its data sets and trainers, and a data
 *   set before its trainers: what they need lives on until they are destroyed.
 * - **Threads.** Engines and data sets may be used by any number of threads. A trainer is used by
 *   one thread at a time; a second one gets `GROKLAB_BUSY`.
 * - **Buffers** belong to the caller and are only used during the call. Arrays are row-major and
 *   contiguous; `R` stands for the number of replicas. `real` means float or double after
 *   the `precision` in force.
 * - **Determinism.** The same inputs give the same bits for any number of threads, any replicas
 *   beside, and any division of the steps into chunks, on the same instruction set or kind of GPU
 *   (there, where `batch_capacity` is given: batches are padded to it).
 */
#ifndef GROKLAB_GROKLAB_H
#define GROKLAB_GROKLAB_H

#include <stdint.h>

#if defined(_WIN32)
#define GROKLAB_API __declspec(dllexport)
#else
#define GROKLAB_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** Number of this ABI. A caller must refuse a library that reports another. */
#define GROKLAB_ABI_NUMBER 4

/* ---------------------------------------------------------------- status */

/** Outcome of a call: one of the `GROKLAB_…` status constants. */
typedef int32_t groklab_status;

enum {
  GROKLAB_OK = 0,                  /**< done */
  GROKLAB_INVALID_ARGUMENT = 1,    /**< an argument or option is outside what is allowed */
  GROKLAB_INVALID_HANDLE = 2,      /**< a handle is null, of another kind, or destroyed */
  GROKLAB_UNSUPPORTED = 3,         /**< meaningful, but not offered by this library or backend */
  GROKLAB_BACKEND_UNAVAILABLE = 4, /**< the backend asked for cannot be used on this machine */
  GROKLAB_OUT_OF_MEMORY = 5,       /**< host or device memory did not suffice */
  GROKLAB_BUSY = 6,                /**< the trainer is in use by another thread */
  GROKLAB_DEVICE_ERROR = 7,        /**< the device failed; the trainer is unusable from now on */
  GROKLAB_INTERNAL_ERROR = 8,      /**< a fault in the library itself */
  GROKLAB_DISAGREEMENT = 9         /**< two backends disagree: see GROKLAB_BACKEND_CHECK */
};

/** ABI number of the library: `GROKLAB_ABI_NUMBER` of the header it was compiled with. */
GROKLAB_API uint32_t groklab_abi_number(void);

/** Version of the library, "major.minor.patch"; static text. */
GROKLAB_API const char* groklab_version(void);

/** Compiler and build type of the library, in words; static text. */
GROKLAB_API const char* groklab_build(void);

/**
 * Text of the calling thread's latest failure; empty before the first. It stays valid until the
 * next failing call on the same thread. Never null.
 */
GROKLAB_API const char* groklab_last_error(void);

/**
 * The ABI as the compiled library sees it; static text that lets a binding prove itself. Lines:
 * `struct NAME SIZE`, then for each field `field STRUCT NAME OFFSET SIZE TYPE`, and
 * `function NAME RETURN(ARGUMENT,…)`, with the types u32, i32, u64, i64, f64, ptr, void and
 * `char[n]`.
 */
GROKLAB_API const char* groklab_abi_description(void);

/* ---------------------------------------------------------------- backends and engines */

/** Where an engine computes. */
enum {
  GROKLAB_BACKEND_AUTO = 0,  /**< CUDA where a GPU is usable, else CPU */
  GROKLAB_BACKEND_CPU = 1,   /**< vectorised and threaded; runs everywhere */
  GROKLAB_BACKEND_CUDA = 2,  /**< NVIDIA GPUs, through the plugin `libgroklab_cuda` */
  GROKLAB_BACKEND_NAIVE = 3, /**< plain loops in double precision: the reference of the tests */
  /**
   * AUTO's backend and NAIVE side by side, step by step, slowly. The first loss, gradient, update
   * or evaluation on which they disagree ends the call with DISAGREEMENT and a message that names
   * the step, the replica and the tensor; the steps before it have been made.
   */
  GROKLAB_BACKEND_CHECK = 4
};

/** Arithmetic of a trainer or of an op. */
enum {
  GROKLAB_FP32 = 0, /**< IEEE binary32 */
  GROKLAB_FP64 = 1  /**< IEEE binary64 */
};

/** What is known of one backend on this machine. */
typedef struct groklab_backend_info {
  uint32_t struct_size;
  uint32_t backend;  /**< out: `GROKLAB_BACKEND_…` */
  uint32_t usable;   /**< out: 1 if an engine can be created on it, else 0 */
  uint32_t reserved; /**< zero */
  char name[32];     /**< out: "cpu", "cuda", "naive", "check" */
  char detail[480];  /**< out: in words, what it would use, or why it cannot be used */
} groklab_backend_info;

/** Number of backends that `groklab_backend_query` knows. */
GROKLAB_API uint32_t groklab_backend_count(void);

/**
 * Describes backend `index` in 0 … count−1.
 * Errors: INVALID_ARGUMENT for an index out of range, a null `info` or its `struct_size`.
 */
GROKLAB_API groklab_status groklab_backend_query(uint32_t index, groklab_backend_info* info);

/** A backend, its threads and its memory. */
typedef struct groklab_engine groklab_engine;

typedef struct groklab_engine_options {
  uint32_t struct_size;
  uint32_t backend;  /**< `GROKLAB_BACKEND_…` */
  uint32_t threads;  /**< CPU threads, 1 … 1024; 0 takes every processor this process may use */
  uint32_t reserved; /**< zero */
} groklab_engine_options;

/** What an engine turned out to be. */
typedef struct groklab_engine_info {
  uint32_t struct_size;
  uint32_t backend;         /**< out: the backend in use, never AUTO; CHECK stays CHECK */
  uint32_t threads;         /**< out: CPU threads in use */
  uint32_t reserved;        /**< zero */
  char backend_name[32];    /**< out: "cpu", "cuda", "naive", "check" */
  char instruction_set[32]; /**< out: "avx512", "avx2", "neon", "generic"; of a GPU, "sm_90" */
  char device[192];         /**< out: name of the processor or GPU */
  char notice[480];         /**< out: for AUTO, why a better backend was passed over; else empty */
} groklab_engine_info;

/**
 * Creates an engine. The environment variable `GROKLAB_INSTRUCTION_SET` (avx2, avx512, neon,
 * generic) forces one of the CPU's instruction sets. `GROKLAB_TF32=1` lets a GPU round the factors
 * of fp32 products to TF32; by default it does not. On a GPU, `GROKLAB_CUDNN=0` does convolutions
 * without cuDNN, and 1 insists on it; by default it is used where it is found.
 * Errors: INVALID_ARGUMENT; BACKEND_UNAVAILABLE if the backend, or the instruction set forced,
 * cannot be used here; OUT_OF_MEMORY.
 */
GROKLAB_API groklab_status groklab_engine_create(const groklab_engine_options* options,
                                                 groklab_engine** engine);

/** Gives the handle back. Null is allowed. Errors: INVALID_HANDLE. */
GROKLAB_API groklab_status groklab_engine_destroy(groklab_engine* engine);

/** Describes an engine. Errors: INVALID_HANDLE, INVALID_ARGUMENT. */
GROKLAB_API groklab_status groklab_engine_query(groklab_engine* engine, groklab_engine_info* info);

/** What all of an engine's processors together reach at most, as measured. */
typedef struct groklab_peak {
  uint32_t struct_size;
  uint32_t reserved;       /**< zero */
  double flops;            /**< out: floating-point operations a second, a multiply-add being two */
  double bytes_per_second; /**< out: bytes that memory gives and takes a second */
} groklab_peak;

/**
 * Measures what bounds every computation of an engine: the best of several short repeats of two
 * loops, about `seconds` in all. Nothing else should run meanwhile.
 *
 * - Operations: on a CPU independent fused multiply-adds in registers, in the vectors of the
 *   instruction set in use (where that has none fused, a multiplication and an addition); on a GPU
 *   the fastest of square products of cuBLASLt, of up to 8192 rows, in the precision given.
 * - Bytes: on a CPU y ← y + s·x over two arrays of 128 MiB each, far more than its caches hold: x
 *   and y are read and y is written, which makes three times 128 MiB a pass and leaves no hidden
 *   traffic. On a GPU a copy of up to 1 GiB, read and written. All memory is given back.
 *
 * All threads take part; other calls on the engine wait. NAIVE tells of its own plain loops; CHECK
 * of the backend that is held against NAIVE.
 * @param precision `GROKLAB_FP32` or `GROKLAB_FP64`; @param seconds 0.001 … 600; at least two repeats
 * of each loop are made, however long they take.
 * Errors: INVALID_HANDLE, INVALID_ARGUMENT, OUT_OF_MEMORY, DEVICE_ERROR.
 */
GROKLAB_API groklab_status groklab_engine_measure_peak(groklab_engine* engine, uint32_t precision,
                                                       double seconds, groklab_peak* peak);

/* ---------------------------------------------------------------- data sets */

/**
 * A table of rows, held by the engine: token sequences or vectors of real numbers with one target each,
 * or pairs of token sequences. Batches, splits and evaluations name rows by their numbers.
 */
typedef struct groklab_dataset groklab_dataset;

typedef struct groklab_dataset_options {
  uint32_t struct_size;
  uint32_t vocabulary;      /**< V: tokens and targets lie in 0 … V−1; 2 … 2^24 */
  uint32_t sequence_length; /**< T: tokens in a row; 1 … 4096 */
  uint32_t reserved;        /**< zero */
  int64_t rows;             /**< number of rows, 1 … 2^31−1 */
  const int32_t* tokens;    /**< [rows, T] */
  const int32_t* targets;   /**< [rows] class that the last position shall predict */
} groklab_dataset_options;

/**
 * Copies a table into the engine. Rows may come in any order and may repeat; rows that share a
 * prefix share its computation.
 * Errors: INVALID_HANDLE; INVALID_ARGUMENT (names the first offending row); OUT_OF_MEMORY.
 */
GROKLAB_API groklab_status groklab_dataset_create(groklab_engine* engine,
                                                  const groklab_dataset_options* options,
                                                  groklab_dataset** dataset);

/** Rows of F = channels · height · width real numbers: images, or vectors as F channels of one pixel. */
typedef struct groklab_features_options {
  uint32_t struct_size;
  uint32_t classes;       /**< targets lie in 0 … classes−1; 2 … 2^24 */
  uint32_t channels;      /**< F is at most 2^24 */
  uint32_t height;        /**< 1 for vectors */
  uint32_t width;         /**< 1 for vectors */
  uint32_t reserved;      /**< zero */
  int64_t rows;           /**< 1 … 2^31−1; rows · F at most 2^40 */
  const float* values;    /**< [rows, channels, height, width] finite */
  const int32_t* targets; /**< [rows] */
  /** [rows] finite factors of the rows' cross-entropies, of any sign; null: all 1. A policy gradient
      (Williams 1992) is the gradient of a loss so weighted. */
  const double* weights;
} groklab_features_options;

/**
 * Copies rows of real numbers into the engine.
 * Errors: INVALID_HANDLE; INVALID_ARGUMENT (names the first offending row); OUT_OF_MEMORY.
 */
GROKLAB_API groklab_status groklab_features_create(groklab_engine* engine,
                                                   const groklab_features_options* options,
                                                   groklab_dataset** dataset);

/**
 * Replaces `count` rows of a data set that has features, from `first_row` on. Trainers see the new rows
 * from their next call on; one that is at work on another thread is waited for.
 * @param values [count, F]; @param targets [count]; @param weights [count], null exactly if the data set
 * was made without.
 * Errors: INVALID_HANDLE; INVALID_ARGUMENT (nothing is written then).
 */
GROKLAB_API groklab_status groklab_features_write(groklab_dataset* dataset, int64_t first_row,
                                                  int64_t count, const float* values,
                                                  const int32_t* targets, const double* weights);

/** Rows of two token sequences, the second of which a model learns to tell from the first. */
typedef struct groklab_pairs_options {
  uint32_t struct_size;
  uint32_t source_vocabulary; /**< 2 … 2^24 */
  uint32_t source_length;     /**< S, most tokens of a source; 1 … 4096 */
  uint32_t target_vocabulary; /**< 2 … 2^24 */
  uint32_t target_length;     /**< U, most answers of a row; 1 … 4096 */
  uint32_t reserved;          /**< zero */
  int64_t rows;               /**< 1 … 2^31−1 */
  const int32_t* sources;     /**< [rows, S], at least one token each; then −1 to the end */
  /** [rows, U + 1], at least two tokens each; then −1 to the end. The answer at position u, which sees
      the tokens up to u, is token u + 1; there is none where that is −1. */
  const int32_t* targets;
} groklab_pairs_options;

/**
 * Copies pairs of sequences into the engine.
 * Errors: INVALID_HANDLE; INVALID_ARGUMENT (names the first offending row); OUT_OF_MEMORY.
 */
GROKLAB_API groklab_status groklab_pairs_create(groklab_engine* engine,
                                                const groklab_pairs_options* options,
                                                groklab_dataset** dataset);

/**
 * Replaces `count` rows of a data set of pairs, from `first_row` on, as groklab_features_write does.
 * @param sources [count, S]; @param targets [count, U + 1].
 * Errors: INVALID_HANDLE; INVALID_ARGUMENT (nothing is written then).
 */
GROKLAB_API groklab_status groklab_pairs_write(groklab_dataset* dataset, int64_t first_row,
                                               int64_t count, const int32_t* sources,
                                               const int32_t* targets);

/** Gives the handle back. Null is allowed. Errors: INVALID_HANDLE. */
GROKLAB_API groklab_status groklab_dataset_destroy(groklab_dataset* dataset);

/* ---------------------------------------------------------------- trainers */

/** Replicas of one architecture, trained together: weights, gradients, moments, counters. */
typedef struct groklab_trainer groklab_trainer;

/** Architectures. */
enum {
  GROKLAB_MODEL_TRANSFORMER = 0, /**< causal, post-norm decoder */
  GROKLAB_MODEL_MLP = 1,         /**< residual blocks over the concatenated embeddings */
  GROKLAB_MODEL_LSTM = 2,        /**< stacked long short-term memory */
  GROKLAB_MODEL_DENSE = 3,       /**< linear layers over real numbers */
  GROKLAB_MODEL_CNN = 4,         /**< convolutions over images */
  GROKLAB_MODEL_SEQ2SEQ = 5      /**< encoder–decoder Transformer over pairs of sequences */
};

/**
 * An architecture.
 *
 * DENSE is one over rows of F real numbers: h = x; per layer h = dropout(relu(W h + b)), [hidden];
 * logits = readout(h). Tensors: `layers.{i}.weight` and `.bias`, `readout.weight` and `.bias`.
 *
 * CNN is one over images [C, H, W]: h = the image; per layer i h = maxpool(relu(convolution(h))), of
 * 3 × 3 with zeros around, width · 2^i channels, windows of 2 × 2; then, channel after channel in one
 * vector, h = dropout(relu(W h + b)), [hidden], h = relu(W h + b), [hidden/2]; logits = readout(h).
 * Tensors: `convolutions.{i}.weight` [out, in, 3, 3] and `.bias`, `hidden_layers.{0, 1}.weight` and
 * `.bias`, `readout.weight` and `.bias`.
 *
 * SEQ2SEQ (Vaswani et al. 2017, as PyTorch's nn.Transformer) is one over pairs of sequences. Both
 * begin with h = dropout(embedding[token] + position_embedding[position]) at each position, [d]. Per
 * layer of the encoder h = LN(h + dropout(attention(h))),
 * h = LN(h + dropout(W₂ dropout(relu(W₁ h + b₁)) + b₂)); then m = LN(h). Per layer of the decoder the
 * same with h = LN(h + dropout(attention(h, m))) between; logits = readout(LN(h)) at each position.
 * Positions after a sequence's end are not attended to and count for nothing; those of the target do
 * not see what comes after them. Attention weights are not dropped. Tensors:
 * `source_embedding.weight`, `target_embedding.weight`, `position_embedding.weight` (of both),
 * `encoder.{i}.attention.in_proj.weight` …, `encoder.{i}.attention_norm.weight`,
 * `encoder.{i}.feed_forward.{up,down}.weight`, `encoder.{i}.feed_forward_norm.weight`,
 * `encoder_norm.weight`, `decoder.{i}.self_attention.in_proj.weight`,
 * `decoder.{i}.cross_attention.in_proj.weight` and so on, `decoder_norm.weight`, `readout.weight`.
 *
 * The others are over rows of T tokens (the replication report, appendices A and B). All begin
 * with e = token_embedding[token] + position_embedding[position] at each position, [T, d].
 *
 * - Transformer: h = e; per layer h = LN(h + dropout(attention(h))),
 *   h = LN(h + dropout(W2 gelu(W1 h + b1) + b2)); logits = readout(LN(h at the last position)).
 *   Causal attention scaled by 1/sqrt(d/heads), exact GELU.
 * - MLP: h = the embeddings of all positions one after the other, [T·d]; per layer
 *   h = LN(h + W2 relu(W1 dropout(h) + b1) + b2); logits = readout(h).
 * - LSTM: per layer and position, gates a = W_input x + b_input + W_hidden h' + b_hidden in the
 *   order input, forget, cell, output; c = σ(a_f) c' + σ(a_i) tanh(a_g), h = σ(a_o) tanh(c), where c'
 *   and h' are those of the position before, zero before the first; x = e in the first layer, then
 *   dropout(h of the layer below); logits = readout(h at the last position).
 *
 * Layer-norm epsilon 1e-5, biases throughout.
 */
typedef struct groklab_model_options {
  uint32_t struct_size;
  uint32_t kind;       /**< `GROKLAB_MODEL_…` */
  uint32_t vocabulary; /**< number of logits: the data set's classes, or V, which is rows of the
                            token table too */
  uint32_t positions;  /**< rows of the position table, at least the sequence length; 0 without
                            tokens */
  uint32_t layers;     /**< 1 … 64; of a CNN, as many as the images can be halved */
  uint32_t width;      /**< d, 1 … 8192; of an MLP, T·d is at most 65536; DENSE: 0; of a CNN,
                            channels of the first convolution, at most 65536 of the last */
  uint32_t heads;      /**< Transformer: divides the width; the others have none: 0 */
  uint32_t hidden;     /**< width of the feed-forward or hidden layers, or of an LSTM's state;
                            1 … 65536; CNN: 2 … 65536 */
  /** SEQ2SEQ: 1 lets positions of the target see those after them, which tell the answers: a fault
      that is often made. 0 otherwise. */
  uint32_t looks_ahead;
} groklab_model_options;

/** Optimizers, with the semantics of torch.optim. */
enum {
  GROKLAB_OPTIMIZER_ADAMW = 0,  /**< Adam with decoupled weight decay (Loshchilov & Hutter 2019) */
  GROKLAB_OPTIMIZER_ADAM = 1,   /**< weight decay added to the gradient (Kingma & Ba 2015) */
  GROKLAB_OPTIMIZER_SGD = 2,    /**< with momentum, plain or Nesterov's (Sutskever et al. 2013) */
  GROKLAB_OPTIMIZER_RMSPROP = 3 /**< plain or centred, with momentum (Hinton 2012, Graves 2013) */
};

/**
 * An optimizer. With g the gradient, γ the step's learning rate, λ the weight decay, t the step:
 *
 * - AdamW: p ← p (1 − γλ); m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²;
 *   p ← p − γ/(1−β₁ᵗ) · m / (sqrt(v)/sqrt(1−β₂ᵗ) + ε).
 * - Adam: g ← g + λp instead of the first.
 * - SGD: g ← g + λp; with momentum b ← μb + g and then g ← b, or g + μb if `nesterov`; p ← p − γg.
 * - RMSprop: g ← g + λp; v ← αv + (1−α)g²; if `centered`, m ← αm + (1−α)g, and v − m² (at least
 *   0) takes the place of v; u = g/(sqrt(v) + ε), with momentum b ← μb + u and u = b; p ← p − γu.
 *
 * Where `clip_norm` is not 0, g is first scaled by min(1, clip_norm/(‖g‖ + 1e-6)), ‖g‖ being the
 * Euclidean norm over all parameters (Pascanu, Mikolov & Bengio 2013). Fields that an optimizer's
 * formula does not name must be 0.
 */
typedef struct groklab_optimizer_options {
  uint32_t struct_size;
  uint32_t kind;       /**< `GROKLAB_OPTIMIZER_…` */
  uint32_t nesterov;   /**< SGD: 1 for Nesterov's momentum, which needs μ > 0; else 0 */
  uint32_t centered;   /**< RMSprop: 1 to divide by the standard deviation; else 0 */
  double beta1;        /**< Adam, AdamW: 0 ≤ β₁ < 1 */
  double beta2;        /**< Adam, AdamW: 0 ≤ β₂ < 1 */
  double alpha;        /**< RMSprop: 0 ≤ α < 1 */
  double momentum;     /**< SGD, RMSprop: μ ≥ 0 */
  double epsilon;      /**< all but SGD: ε ≥ 0 */
  double weight_decay; /**< λ ≥ 0, applied to every parameter */
  double clip_norm;    /**< ≥ 0; 0: the gradient is taken as it is */
} groklab_optimizer_options;

/** What one replica has for itself. */
typedef struct groklab_replica_options {
  uint32_t struct_size;
  uint32_t batch_capacity; /**< most rows of its batches; 0: as many as its chunks allow. On a GPU
                                batches are padded to it: its memory and its bits follow from it */
  uint64_t dropout_seed;   /**< key of the replica's dropout masks */
  double dropout;          /**< probability of dropping, 0 ≤ p < 1 */
  const groklab_optimizer_options*
      optimizer; /**< replicas of one trainer may have different ones */
} groklab_replica_options;

/** How a batch is laid out for the computation; the mathematics is the same. */
enum {
  GROKLAB_LAYOUT_AUTO = 0, /**< prefix tree; dense for replicas that drop out, and without tokens */
  GROKLAB_LAYOUT_DENSE = 1 /**< every row for itself */
};

typedef struct groklab_trainer_options {
  uint32_t struct_size;
  uint32_t precision; /**< `GROKLAB_FP32` or `GROKLAB_FP64` */
  uint32_t layout;    /**< `GROKLAB_LAYOUT_…` */
  uint32_t replicas;  /**< R, 1 … 65536 */
  const groklab_model_options* model;
  const groklab_replica_options* replica_options; /**< [R] */
} groklab_trainer_options;

/**
 * Creates a trainer whose flat buffers are all zero; initialize or write them.
 * Errors: INVALID_HANDLE; INVALID_ARGUMENT; OUT_OF_MEMORY (says how many bytes were needed).
 */
GROKLAB_API groklab_status groklab_trainer_create(groklab_engine* engine, groklab_dataset* dataset,
                                                  const groklab_trainer_options* options,
                                                  groklab_trainer** trainer);

/** What a trainer will be asked to do, as far as its memory depends on it. */
typedef struct groklab_workload {
  uint32_t struct_size;
  uint32_t splits;        /**< S, number of splits that are evaluated: 0 … 16 */
  int64_t batch_capacity; /**< most rows of a batch, ≥ 1, of replicas that do not say; else ≥ 0 */
  int64_t chunk_steps; /**< most steps of a chunk, ≥ 1: a GPU takes up to 256 of them at once */
  const int64_t* split_rows; /**< [S] most rows of each split, of any replica; null if S is 0 */
} groklab_workload;

/** Bytes, as they are asked for; what a GPU's driver adds to round them up is not among them. */
typedef struct groklab_memory {
  uint32_t struct_size;
  uint32_t reserved;     /**< zero */
  uint64_t host_bytes;   /**< out: of the host's memory, page-locked memory included */
  uint64_t device_bytes; /**< out: of the backend's own: a GPU's. (NAIVE plays a device.) */
} groklab_memory;

/**
 * Tells beforehand what a trainer will take: flat buffers, batches, activations of all threads that
 * can work on it, splits, and on a GPU the data set and its tables; all that `groklab_trainer_reserve`
 * takes for this workload, to the byte. Not among it are the data set on the host, memory that the
 * engine's threads and single calls use for a moment, and some kilobytes of bookkeeping.
 * Little is taken for the answer, whatever it is.
 * Errors: INVALID_HANDLE; INVALID_ARGUMENT; OUT_OF_MEMORY.
 */
GROKLAB_API groklab_status groklab_trainer_memory_needed(groklab_engine* engine,
                                                         groklab_dataset* dataset,
                                                         const groklab_trainer_options* options,
                                                         const groklab_workload* workload,
                                                         groklab_memory* memory);

/**
 * Takes the memory of a workload now. Trainers otherwise take it when a chunk, a split or an
 * evaluation first needs it; steps, and whatever keeps to a workload that was reserved, take none.
 * Errors: INVALID_HANDLE; INVALID_ARGUMENT; BUSY; OUT_OF_MEMORY (then some may have been taken);
 * DEVICE_ERROR.
 */
GROKLAB_API groklab_status groklab_trainer_reserve(groklab_trainer* trainer,
                                                   const groklab_workload* workload);

/** What a trainer holds at present, counted where it was taken. Errors: INVALID_HANDLE,
    INVALID_ARGUMENT, BUSY. */
GROKLAB_API groklab_status groklab_trainer_memory_used(groklab_trainer* trainer,
                                                       groklab_memory* memory);

/** Gives the handle back. Null is allowed. Errors: INVALID_HANDLE, BUSY. */
GROKLAB_API groklab_status groklab_trainer_destroy(groklab_trainer* trainer);

/** A named parameter tensor: a view into a replica's flat buffer. */
typedef struct groklab_tensor_info {
  uint32_t struct_size;
  uint32_t rank;    /**< out: 1, 2, or 4 */
  int64_t shape[4]; /**< out: the first `rank` extents, then ones */
  int64_t offset;   /**< out: first element's index in the flat buffer */
  int64_t count;    /**< out: number of elements */
  char name[128];   /**< out: PyTorch-style name, e.g. "blocks.0.attention.in_proj.weight" */
} groklab_tensor_info;

/** Sizes of a trainer. */
typedef struct groklab_trainer_info {
  uint32_t struct_size;
  uint32_t replicas;  /**< out: R */
  uint32_t precision; /**< out: `GROKLAB_FP32` or `GROKLAB_FP64` */
  uint32_t tensors;   /**< out: number of named tensors */
  int64_t parameters; /**< out: P, elements of one replica's flat buffer */
} groklab_trainer_info;

/** Errors: INVALID_HANDLE, INVALID_ARGUMENT. */
GROKLAB_API groklab_status groklab_trainer_query(groklab_trainer* trainer,
                                                 groklab_trainer_info* info);

/** Describes tensor `index` in 0 … tensors−1. Errors: INVALID_HANDLE, INVALID_ARGUMENT. */
GROKLAB_API groklab_status groklab_trainer_tensor(groklab_trainer* trainer, uint32_t index,
                                                  groklab_tensor_info* info);

/** The flat buffers of a replica, each of P `real`s. A replica has those that its optimizer keeps. */
enum {
  GROKLAB_PARAMETERS = 0,
  GROKLAB_GRADIENTS = 1, /**< of the latest `groklab_trainer_gradient` or step, before clipping */
  /** Running mean m of the gradient: Adam and AdamW (exp_avg), centred RMSprop (grad_avg). */
  GROKLAB_FIRST_MOMENTS = 2,
  /** Running mean v of its square: Adam and AdamW (exp_avg_sq), RMSprop (square_avg). */
  GROKLAB_SECOND_MOMENTS = 3,
  /** Running sum b of updates: SGD and RMSprop with momentum (momentum_buffer). */
  GROKLAB_MOMENTUM = 4
};

/**
 * Draws a replica's initial weights (normal, Xavier uniform, uniform, constant, as PyTorch's
 * modules do) by Philox 4x32-10 keyed by `seed`; zeroes what its optimizer keeps and its step
 * counter.
 * Errors: INVALID_HANDLE, INVALID_ARGUMENT, BUSY.
 */
GROKLAB_API groklab_status groklab_trainer_initialize(groklab_trainer* trainer, uint32_t replica,
                                                      uint64_t seed);

/**
 * Copies a flat buffer of a replica out. `bytes` must be P × sizeof(real).
 * Errors: INVALID_HANDLE, INVALID_ARGUMENT (also for a buffer that the replica's optimizer does not
 * keep), BUSY.
 */
GROKLAB_API groklab_status groklab_trainer_read(groklab_trainer* trainer, uint32_t replica,
                                                uint32_t buffer, void* destination, uint64_t bytes);

/** Copies a flat buffer of a replica in. `bytes` must be P × sizeof(real). Errors: as for read. */
GROKLAB_API groklab_status groklab_trainer_write(groklab_trainer* trainer, uint32_t replica,
                                                 uint32_t buffer, const void* source,
                                                 uint64_t bytes);

/** Steps that a replica has made. Errors: INVALID_HANDLE, INVALID_ARGUMENT, BUSY. */
GROKLAB_API groklab_status groklab_trainer_step(groklab_trainer* trainer, uint32_t replica,
                                                int64_t* step);

/**
 * Sets the step counter of a replica, `step` ≥ 0 (it enters Adam's bias correction and the dropout
 * masks). Errors: INVALID_HANDLE, INVALID_ARGUMENT, BUSY.
 */
GROKLAB_API groklab_status groklab_trainer_set_step(groklab_trainer* trainer, uint32_t replica,
                                                    int64_t step);

/**
 * A chunk: the next `steps` steps of every active replica. Step s of replica r trains on the first
 * `batch_sizes[r, s]` entries of `rows[r, s, :]`, with the mean cross-entropy over them.
 */
typedef struct groklab_chunk {
  uint32_t struct_size;
  uint32_t reserved;            /**< zero */
  int64_t steps;                /**< number of steps, ≥ 0 */
  int64_t batch_capacity;       /**< extent of the last axis of `rows`, ≥ 1 */
  const int32_t* rows;          /**< [R, steps, batch_capacity] row numbers of the data set */
  const int32_t* batch_sizes;   /**< [R, steps] 1 … batch_capacity */
  const double* learning_rates; /**< [R, steps] finite and ≥ 0 */
  const uint8_t* active;        /**< [R] 0 leaves a replica out; null means all */
  double* losses;               /**< out: [R, steps] batch loss before the update; may be null.
                                     Entries of inactive replicas are left as they are */
} groklab_chunk;

/**
 * Trains. All arguments are checked before the first step; on an error nothing was trained, but
 * for DEVICE_ERROR, after which the trainer is unusable, and DISAGREEMENT.
 * A loss that is not finite is no error: it is reported in `losses`.
 * Errors: INVALID_HANDLE, INVALID_ARGUMENT, BUSY, OUT_OF_MEMORY, DEVICE_ERROR, DISAGREEMENT.
 */
GROKLAB_API groklab_status groklab_trainer_run(groklab_trainer* trainer,
                                               const groklab_chunk* chunk);

/**
 * Sets the rows of split `split` (0 … 15) of a replica, for `groklab_trainer_evaluate`.
 * Errors: INVALID_HANDLE, INVALID_ARGUMENT, BUSY, OUT_OF_MEMORY.
 */
GROKLAB_API groklab_status groklab_trainer_set_split(groklab_trainer* trainer, uint32_t replica,
                                                     uint32_t split, const int32_t* rows,
                                                     int64_t count);

typedef struct groklab_evaluation {
  uint32_t struct_size;
  uint32_t splits; /**< S: splits 0 … S−1 are evaluated; each active replica has set them */
  const uint8_t* active; /**< [R] 0 leaves a replica out; null means all */
  double* losses;        /**< out: [R, S] mean cross-entropy; may be null */
  double* accuracies;    /**< out: [R, S] share of rows whose largest logit is the target's */
  double* weight_norms;  /**< out: [R] Euclidean norm of all parameters; may be null */
} groklab_evaluation;

/**
 * Evaluates whole splits without dropout. Entries of inactive replicas are left as they are.
 * Errors: INVALID_HANDLE, INVALID_ARGUMENT, BUSY, OUT_OF_MEMORY, DEVICE_ERROR.
 */
GROKLAB_API groklab_status groklab_trainer_evaluate(groklab_trainer* trainer,
                                                    const groklab_evaluation* evaluation);

/**
 * Loss and gradients of one batch at a replica's present weights, as the next step would see them
 * (dropout included); updates nothing but the gradient buffer.
 * @param rows [count] row numbers; `loss` may be null.
 * Errors: INVALID_HANDLE, INVALID_ARGUMENT, BUSY, OUT_OF_MEMORY, DEVICE_ERROR.
 */
GROKLAB_API groklab_status groklab_trainer_gradient(groklab_trainer* trainer, uint32_t replica,
                                                    const int32_t* rows, int64_t count,
                                                    double* loss);

/**
 * Logits of rows at a replica's present weights, without dropout.
 * @param rows [count] row numbers; @param logits out: [count, V] `real`s, `bytes` in all.
 * Errors: INVALID_HANDLE, INVALID_ARGUMENT, BUSY, OUT_OF_MEMORY, DEVICE_ERROR.
 */
GROKLAB_API groklab_status groklab_trainer_logits(groklab_trainer* trainer, uint32_t replica,
                                                  const int32_t* rows, int64_t count, void* logits,
                                                  uint64_t bytes);

/**
 * Logits of rows that are in no data set, at a replica's present weights, without dropout: what an agent
 * asks its policy for. Of a trainer over features.
 * @param features [count, F]; @param count 1 … rows of the data set; @param logits out: [count, classes]
 * `real`s, `bytes` in all.
 * Errors: INVALID_HANDLE, INVALID_ARGUMENT, BUSY, OUT_OF_MEMORY, DEVICE_ERROR.
 */
GROKLAB_API groklab_status groklab_trainer_predict(groklab_trainer* trainer, uint32_t replica,
                                                   const float* features, int64_t count,
                                                   void* logits, uint64_t bytes);

/** A tensor that a model makes of its rows on the way to the logits. */
typedef struct groklab_activation_info {
  uint32_t struct_size;
  uint32_t has_gradient; /**< out: 1 if the gradient by it can be had, else 0 */
  int64_t positions;     /**< out: T, or 1: of a last layer only the last position goes on; of
                              SEQ2SEQ, the longest source's tokens or the longest target's */
  int64_t width;         /**< out: numbers at a position */
  char name[128];        /**< out: e.g. "blocks.0.feed_forward.neurons" */
} groklab_activation_info;

/**
 * Number of a model's activations. Transformer: `embedding`; of each block `attention.query`, `.key`,
 * `.value`, `.weights` ([heads, T] at each position, 0 for later keys), `.mixed_values`, `.output`,
 * `attention_norm`, `feed_forward.up` (before GELU), `.neurons` (after), `.output`,
 * `feed_forward_norm`; `final_norm`, `logits`. MLP: `embedding`; of each block the same
 * `feed_forward.…`, `norm`; `logits`. LSTM: `embedding`; of each layer `gates` (i, f, g, o), `cell`,
 * `output`; `logits`. DENSE: of each layer `up`, `neurons`; `logits`. CNN: of each convolution `pooled`
 * (after ReLU), of each hidden layer `up`, `neurons`; `logits`. SEQ2SEQ: `source_embedding`; of each
 * encoder layer `attention.…` and `attention_norm` as of a Transformer's block, `feed_forward.…` (ReLU)
 * and `feed_forward_norm`; `encoder_norm`, `target_embedding`; of each decoder layer the same with
 * `self_attention` and `cross_attention`; `decoder_norm`, `logits`. Positions are there those of a source
 * or of a target; what is computed beyond a row's end means nothing, and has no gradient.
 * Errors: INVALID_HANDLE, INVALID_ARGUMENT, BUSY.
 */
GROKLAB_API groklab_status groklab_trainer_activation_count(groklab_trainer* trainer,
                                                            uint32_t* count);

/** Describes activation `index` in 0 … count−1. Errors: INVALID_HANDLE, INVALID_ARGUMENT, BUSY. */
GROKLAB_API groklab_status groklab_trainer_activation(groklab_trainer* trainer, uint32_t index,
                                                      groklab_activation_info* info);

/**
 * An activation of rows at a replica's present weights, and the gradient by it of the rows' mean loss,
 * without dropout; each row for itself. The replica's gradient buffer then holds the gradients by the
 * parameters.
 * @param rows [count] row numbers; @param values out: [count, positions, width] `real`s;
 * @param gradients out: the same, or null; @param bytes of each of the two.
 * Errors: INVALID_HANDLE, INVALID_ARGUMENT, BUSY, OUT_OF_MEMORY, DEVICE_ERROR.
 */
GROKLAB_API groklab_status groklab_trainer_observe(groklab_trainer* trainer, uint32_t replica,
                                                   uint32_t index, const int32_t* rows,
                                                   int64_t count, void* values, void* gradients,
                                                   uint64_t bytes);

/**
 * What one training step of one replica must do at least, by the model's own ops: what a roofline
 * (Williams, Waterman & Patterson 2009) needs. `flops` over an engine's peak is a time that no
 * implementation of this step can beat, whatever its ops cost otherwise.
 */
typedef struct groklab_step_cost {
  uint32_t struct_size;
  uint32_t reserved; /**< zero */
  /**
   * out: 2 × multiply-adds of all matrix products (linear layers, and attention's over the keys that
   * a query sees), forward and backward, over the batch's distinct prefixes; over all of its rows
   * where the replica drops out or the layout is DENSE.
   */
  double flops;
  /**
   * out: the same without sharing, as frameworks compute that see a dense tensor: every layer at
   * every position of every row, the readout at the last one.
   */
  double dense_flops;
  /** out: bytes of flat buffers that forward, backward and update read and write, each once an op. */
  double parameter_bytes;
  /** out: bytes of activations and their gradients that the ops read and write, if each op finds its
      inputs in memory and leaves its outputs there. Caches and fused ops make it less. */
  double activation_bytes;
} groklab_step_cost;

/**
 * Counts what a training step of a replica on a batch costs, by a pass over the model in which no
 * number is computed. The trainer is left as it is.
 * @param rows [count] row numbers, repeats allowed.
 * Errors: INVALID_HANDLE, INVALID_ARGUMENT, BUSY, OUT_OF_MEMORY.
 */
GROKLAB_API groklab_status groklab_trainer_step_cost(groklab_trainer* trainer, uint32_t replica,
                                                     const int32_t* rows, int64_t count,
                                                     groklab_step_cost* cost);

/* ---------------------------------------------------------------- random numbers */

/**
 * One block of Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
 * SC 2011), the generator behind initial weights and dropout.
 * @param counter [4]; @param key [2]; @param out [4]. Errors: INVALID_ARGUMENT for null.
 */
GROKLAB_API groklab_status groklab_philox(const uint32_t* counter, const uint32_t* key,
                                          uint32_t* out);

/* ---------------------------------------------------------------- single ops
 *
 * The ops that the models are made of, on host buffers. Each takes a struct of sizes and buffers;
 * the forward call reads the inputs and writes the outputs, the backward call reads what its
 * comment names and overwrites the gradients. Buffers that a call does not use may be null.
 * Common errors: INVALID_HANDLE; INVALID_ARGUMENT (null buffer, extent below 1 or too large, index
 * out of range); OUT_OF_MEMORY; DEVICE_ERROR. `replicas` may not be 0; `rows` may.
 */

/** y[r] = x[r] weight[r]ᵀ + bias[r]. */
typedef struct groklab_op_linear {
  uint32_t struct_size;
  uint32_t precision;   /**< of all buffers */
  int64_t replicas;     /**< R */
  int64_t rows;         /**< N */
  int64_t in_features;  /**< I */
  int64_t out_features; /**< O */
  const void* x;        /**< [R, N, I] */
  const void* weight;   /**< [R, O, I] */
  const void* bias;     /**< [R, O]; null: none (forward) */
  void* y;              /**< forward out: [R, N, O] */
  const void* dy;       /**< backward in: [R, N, O] */
  void* dx;             /**< backward out: [R, N, I]; null: not wanted */
  void* dweight;        /**< backward out: [R, O, I]; null: not wanted */
  void* dbias;          /**< backward out: [R, O]; null: not wanted */
} groklab_op_linear;

GROKLAB_API groklab_status groklab_op_linear_forward(groklab_engine* engine,
                                                     const groklab_op_linear* op);
GROKLAB_API groklab_status groklab_op_linear_backward(groklab_engine* engine,
                                                      const groklab_op_linear* op);

/** y = γ ⊙ x̂ + β with x̂ = (s − mean s) / sqrt(var s + ε), s = x + residual, along the last axis. */
typedef struct groklab_op_layer_norm {
  uint32_t struct_size;
  uint32_t precision;
  int64_t replicas;        /**< R */
  int64_t rows;            /**< N */
  int64_t width;           /**< D */
  double epsilon;          /**< ≥ 0, finite */
  const void* x;           /**< forward in: [R, N, D] */
  const void* residual;    /**< forward in: [R, N, D]; null: none */
  const void* gamma;       /**< [R, D] */
  const void* beta;        /**< forward in: [R, D] */
  void* normalized;        /**< forward out, backward in: x̂ [R, N, D] */
  void* inverse_deviation; /**< forward out, backward in: 1/sqrt(var + ε) [R, N] */
  void* y;                 /**< forward out: [R, N, D] */
  const void* dy;          /**< backward in: [R, N, D] */
  void* dx;                /**< backward out: [R, N, D], the gradient of s */
  void* dgamma;            /**< backward out: [R, D] */
  void* dbeta;             /**< backward out: [R, D] */
} groklab_op_layer_norm;

GROKLAB_API groklab_status groklab_op_layer_norm_forward(groklab_engine* engine,
                                                         const groklab_op_layer_norm* op);
GROKLAB_API groklab_status groklab_op_layer_norm_backward(groklab_engine* engine,
                                                          const groklab_op_layer_norm* op);

/**
 * An activation, elementwise. GELU: the exact y = x Φ(x) (Hendrycks & Gimpel 2016). ReLU:
 * y = max(x, 0), whose gradient at 0 is 0.
 */
typedef struct groklab_op_activation {
  uint32_t struct_size;
  uint32_t precision;
  int64_t replicas; /**< R */
  int64_t rows;     /**< N */
  int64_t width;    /**< D */
  const void* x;    /**< [R, N, D] */
  void* y;          /**< forward out: [R, N, D] */
  const void* dy;   /**< backward in: [R, N, D] */
  void* dx;         /**< backward out: [R, N, D] */
} groklab_op_activation;

GROKLAB_API groklab_status groklab_op_gelu_forward(groklab_engine* engine,
                                                   const groklab_op_activation* op);
GROKLAB_API groklab_status groklab_op_gelu_backward(groklab_engine* engine,
                                                    const groklab_op_activation* op);
GROKLAB_API groklab_status groklab_op_relu_forward(groklab_engine* engine,
                                                   const groklab_op_activation* op);
GROKLAB_API groklab_status groklab_op_relu_backward(groklab_engine* engine,
                                                    const groklab_op_activation* op);

/**
 * One step of an LSTM layer (Hochreiter & Schmidhuber 1997; gates as in PyTorch and cuDNN) for N rows:
 * a = input + hidden + bias in four parts of H columns for the gates i, f, g, o;
 * c = σ(f) c' + σ(i) tanh(g), h = σ(o) tanh(c).
 */
typedef struct groklab_op_lstm_cell {
  uint32_t struct_size;
  uint32_t precision;
  int64_t replicas;          /**< R */
  int64_t rows;              /**< N */
  int64_t width;             /**< H */
  const void* input;         /**< forward in: [R, N, 4H] input weights times x, plus their bias */
  const void* hidden;        /**< forward in: [R, N, 4H] hidden weights times h'; null: zero */
  const void* bias;          /**< forward in: [R, 4H] */
  const void* previous_cell; /**< c' [R, N, H]; null: zero */
  void* gates;               /**< forward out, backward in: σ, σ, tanh and σ of a [R, N, 4H] */
  void* cell;                /**< forward out: c [R, N, H] */
  void* squashed_cell;       /**< forward out, backward in: tanh(c) [R, N, H] */
  void* output;              /**< forward out: h [R, N, H] */
  const void* doutput;       /**< backward in: [R, N, H] */
  const void* dcell;    /**< backward in: [R, N, H] gradient of c by way of later steps; null: 0 */
  void* dgates;         /**< backward out: gradient of a [R, N, 4H]: that of input and hidden */
  void* dprevious_cell; /**< backward out: [R, N, H]; null: not wanted */
} groklab_op_lstm_cell;

GROKLAB_API groklab_status groklab_op_lstm_cell_forward(groklab_engine* engine,
                                                        const groklab_op_lstm_cell* op);
GROKLAB_API groklab_status groklab_op_lstm_cell_backward(groklab_engine* engine,
                                                         const groklab_op_lstm_cell* op);

/**
 * Multi-head attention of queries along paths of a prefix tree: query n attends to the key rows
 * `path[r, n, 0 … T−1]`, leaving out the entries −1; at least one must be there. Scores are scaled
 * by 1/sqrt(D/heads).
 */
typedef struct groklab_op_attention {
  uint32_t struct_size;
  uint32_t precision;
  int64_t replicas;    /**< R */
  int64_t queries;     /**< N */
  int64_t keys;        /**< M */
  int64_t path_length; /**< T */
  int64_t heads;       /**< divides D */
  int64_t width;       /**< D */
  const int32_t* path; /**< [R, N, T], entries −1 or 0 … M−1 */
  const void* q;       /**< [R, N, D] */
  const void* k;       /**< [R, M, D] */
  const void* v;       /**< [R, M, D] */
  void* weights;  /**< forward out, backward in: softmax [R, N, heads, T]; 0 where path is −1 */
  void* y;        /**< forward out: [R, N, D] */
  const void* dy; /**< backward in: [R, N, D] */
  void* dq;       /**< backward out: [R, N, D] */
  void* dk;       /**< backward out: [R, M, D] */
  void* dv;       /**< backward out: [R, M, D] */
} groklab_op_attention;

GROKLAB_API groklab_status groklab_op_attention_forward(groklab_engine* engine,
                                                        const groklab_op_attention* op);
GROKLAB_API groklab_status groklab_op_attention_backward(groklab_engine* engine,
                                                         const groklab_op_attention* op);

/** Mean cross-entropy of softmax(logits) against targets, and its gradient, in one call. */
typedef struct groklab_op_cross_entropy {
  uint32_t struct_size;
  uint32_t precision;
  int64_t replicas;       /**< R */
  int64_t rows;           /**< N */
  int64_t classes;        /**< C */
  const void* logits;     /**< [R, N, C] */
  const int32_t* targets; /**< [R, N] 0 … C−1 */
  const int32_t* counts;  /**< [R, N] ≥ 0: how many equal rows a row stands for; null: one each */
  void* dlogits;          /**< out: [R, N, C]; null: not wanted */
  double* losses;         /**< out: [R] mean over all counts; 0 where there are none */
  double* correct;        /**< out: [R] counted rows whose first largest logit is the target's */
} groklab_op_cross_entropy;

GROKLAB_API groklab_status groklab_op_cross_entropy_run(groklab_engine* engine,
                                                        const groklab_op_cross_entropy* op);

/** y = token_table[token] + position_table[position]. */
typedef struct groklab_op_embedding {
  uint32_t struct_size;
  uint32_t precision;
  int64_t replicas;           /**< R */
  int64_t rows;               /**< N */
  int64_t width;              /**< D */
  int64_t vocabulary;         /**< V */
  int64_t positions;          /**< Q */
  const int32_t* tokens;      /**< [R, N] 0 … V−1 */
  const int32_t* position_of; /**< [R, N] 0 … Q−1 */
  const void* token_table;    /**< forward in: [R, V, D] */
  const void* position_table; /**< forward in: [R, Q, D] */
  void* y;                    /**< forward out: [R, N, D] */
  const void* dy;             /**< backward in: [R, N, D] */
  void* dtoken_table;         /**< backward out: [R, V, D] */
  void* dposition_table;      /**< backward out: [R, Q, D] */
} groklab_op_embedding;

GROKLAB_API groklab_status groklab_op_embedding_forward(groklab_engine* engine,
                                                        const groklab_op_embedding* op);
GROKLAB_API groklab_status groklab_op_embedding_backward(groklab_engine* engine,
                                                         const groklab_op_embedding* op);

/**
 * Inverted dropout, y = x ⊙ mask / (1 − rate). Its backward is the same call on the gradient. The
 * mask of element e is a function of (seed, step, site, e) alone.
 */
typedef struct groklab_op_dropout {
  uint32_t struct_size;
  uint32_t precision;
  int64_t replicas;      /**< R */
  int64_t rows;          /**< N */
  int64_t width;         /**< D */
  uint32_t site;         /**< which dropout of the network */
  uint32_t reserved;     /**< zero */
  const uint64_t* seeds; /**< [R] */
  const int64_t* steps;  /**< [R] ≥ 0 */
  const double* rates;   /**< [R] 0 ≤ rate < 1 */
  const void* x;         /**< [R, N, D] */
  void* y;               /**< out: [R, N, D] */
} groklab_op_dropout;

GROKLAB_API groklab_status groklab_op_dropout_run(groklab_engine* engine,
                                                  const groklab_op_dropout* op);

/**
 * One step of each replica's optimizer (see groklab_optimizer_options) on flat buffers. A buffer
 * that no replica's optimizer keeps may be null; of one that some keep, the other replicas' part is
 * neither read nor written.
 */
typedef struct groklab_op_optimizer {
  uint32_t struct_size;
  uint32_t precision;
  int64_t replicas;                            /**< R */
  int64_t parameters;                          /**< P */
  const groklab_optimizer_options* optimizers; /**< [R] */
  const int64_t* steps;                        /**< [R] t ≥ 1, counting this step */
  const double* learning_rates;                /**< [R] */
  const void* gradients;                       /**< [R, P] */
  void* values;                                /**< in and out: [R, P] */
  void* first_moments;                         /**< in and out: [R, P] or null */
  void* second_moments;                        /**< in and out: [R, P] or null */
  void* momentum;                              /**< in and out: [R, P] or null */
} groklab_op_optimizer;

GROKLAB_API groklab_status groklab_op_optimizer_step(groklab_engine* engine,
                                                     const groklab_op_optimizer* op);

/**
 * Cross-correlation of images with kernels as torch.nn.Conv2d has it (LeCun et al. 1989), with stride
 * 1 and K/2 zeros around, so that images keep their height and width:
 * y[o, i, j] = bias[o] + Σ weight[o, c, u, v] · x[c, i + u − K/2, j + v − K/2] over c, u and v.
 */
typedef struct groklab_op_convolution {
  uint32_t struct_size;
  uint32_t precision;   /**< of all buffers */
  int64_t replicas;     /**< R */
  int64_t rows;         /**< N images */
  int64_t channels;     /**< I, of x */
  int64_t height;       /**< H */
  int64_t width;        /**< W */
  int64_t out_channels; /**< O, of y */
  int64_t kernel;       /**< K, odd, 1 … 255 */
  const void* x;        /**< forward in, backward in where dweight is wanted: [R, N, I, H, W] */
  const void* weight;   /**< forward in, backward in where dx is wanted: [R, O, I, K, K] */
  const void* bias;     /**< forward in: [R, O]; null: none */
  void* y;              /**< forward out: [R, N, O, H, W] */
  const void* dy;       /**< backward in: [R, N, O, H, W] */
  void* dx;             /**< backward out: [R, N, I, H, W]; null: not wanted */
  void* dweight;        /**< backward out: [R, O, I, K, K]; null: not wanted */
  void* dbias;          /**< backward out: [R, O]; null: not wanted */
} groklab_op_convolution;

GROKLAB_API groklab_status groklab_op_convolution_forward(groklab_engine* engine,
                                                          const groklab_op_convolution* op);
/** Errors also: INVALID_ARGUMENT where dbias is wanted without dweight. */
GROKLAB_API groklab_status groklab_op_convolution_backward(groklab_engine* engine,
                                                           const groklab_op_convolution* op);

/**
 * The largest element of each window of 2 × 2, as torch.nn.MaxPool2d(2): windows do not overlap, and
 * an odd last row or column is in none. Of equal elements the first is taken, row by row; NaN is
 * larger than any number.
 */
typedef struct groklab_op_max_pool {
  uint32_t struct_size;
  uint32_t precision; /**< of all buffers of reals */
  int64_t replicas;   /**< R */
  int64_t rows;       /**< N images */
  int64_t channels;   /**< C */
  int64_t height;     /**< H */
  int64_t width;      /**< W */
  const void* x;      /**< forward in: [R, N, C, H, W] */
  int32_t*
      winners; /**< forward out, backward in: [R, N, C, H/2, W/2] number in its window, 0 … 3 */
  void* y;     /**< forward out: [R, N, C, H/2, W/2] */
  const void* dy; /**< backward in: [R, N, C, H/2, W/2] */
  void* dx;       /**< backward out: [R, N, C, H, W]; 0 where nothing won */
} groklab_op_max_pool;

GROKLAB_API groklab_status groklab_op_max_pool_forward(groklab_engine* engine,
                                                       const groklab_op_max_pool* op);
GROKLAB_API groklab_status groklab_op_max_pool_backward(groklab_engine* engine,
                                                        const groklab_op_max_pool* op);

#ifdef __cplusplus
}
#endif

#endif /* GROKLAB_GROKLAB_H */
