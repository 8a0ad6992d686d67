#include "models/seq2seq.h"

#include <cmath>
#include <string>
#include <vector>

#include "models/layers.h"

namespace groklab {

namespace {

// ------------------------------------------------------------------ a batch's places

/// One side of the batch: its tokens' embeddings, and what dropout knows its rows by.
struct Side {
  Indices tokens;   ///< [R, places]
  Indices numbers;  ///< [R, places]
};

/// The batch as ops/batch_ops.h lays it out. Of both sides together, sources come first.
struct Places {
  std::int64_t sources = 0;  ///< B·S
  std::int64_t targets = 0;  ///< B·U
  Indices positions;         ///< [R, sources + targets]
  Side source, target;
  AttentionPaths from_source;  ///< keys and queries sources
  AttentionPaths from_target;  ///< keys and queries targets
  AttentionPaths across;       ///< keys sources, queries targets
  Indices answers;             ///< [R, targets]
  Indices answer_counts;       ///< [R, targets]
};

template <class T>
Places place(const PassContext<T>& context, const Batch& batch, bool causal) {
  const std::int64_t s = context.data.sources.cols;
  const std::int64_t u = context.data.sequences.cols - 1;
  Places p;
  p.sources = batch.leaves * s;
  p.targets = batch.leaves * u;
  const auto numbers = [&](std::int64_t size) {
    return context.workspace.template vectors<std::int32_t>(batch.replicas, size);
  };
  const auto paths = [&](std::int64_t queries, std::int64_t length) {
    return context.workspace.template matrices<std::int32_t>(batch.replicas, queries, length);
  };
  SequenceRows rows;
  rows.sources = context.data.sources;
  rows.sequences = context.data.sequences;
  rows.causal = causal;
  rows.rows = row_numbers(batch);
  rows.counts = batch.leaf_counts;
  rows.numbers = leaf_numbers(batch);
  const Vectors<std::int32_t> positions = numbers(p.sources + p.targets);
  rows.source_positions = positions.slice(0, p.sources);
  rows.target_positions = positions.slice(p.sources, p.targets);
  p.positions = positions;
  p.source.tokens = rows.source_tokens = numbers(p.sources);
  p.source.numbers = rows.source_numbers = numbers(p.sources);
  p.target.tokens = rows.target_tokens = numbers(p.targets);
  p.target.numbers = rows.target_numbers = numbers(p.targets);
  p.from_source.path = rows.source_paths = paths(p.sources, s);
  p.from_target.path = rows.target_paths = paths(p.targets, u);
  p.across.path = rows.cross_paths = paths(p.targets, s);
  p.answers = rows.answers = numbers(p.targets);
  p.answer_counts = rows.answer_counts = numbers(p.targets);
  context.ops.fill_sequences(rows);
  return p;
}

/// Items of `keys` by their key, in the workspace; `made` remembers what is to be made.
template <class T>
Lists lists_of(const PassContext<T>& context, std::vector<ListsOf>& made, const Indices& keys,
               std::int64_t lists) {
  const auto take = [&](std::int64_t size) {
    return context.workspace.template vectors<std::int32_t>(keys.replicas, size);
  };
  made.push_back({keys, take(lists + 1), take(keys.size)});
  return {made.back().offsets, made.back().items};
}

// ------------------------------------------------------------------ parameters

/// nn.Transformer draws all its matrices by Glorot & Bengio's rule (2010).
Initialization xavier(std::int64_t out, std::int64_t in) {
  return Initialization::uniform(std::sqrt(6.0 / static_cast<double>(out + in)));
}

struct AttentionParameters {
  Linear in, out;
  Norm norm;

  static AttentionParameters add(ParameterLayout& layout, const std::string& name, std::int64_t d) {
    const Initialization zero = Initialization::constant(0);
    AttentionParameters p;
    p.in = Linear::add(layout, name + ".in_proj", 3 * d, d, xavier(3 * d, d), zero);
    p.out = Linear::add(layout, name + ".out_proj", d, d, xavier(d, d), zero);
    p.norm = Norm::add(layout, name + "_norm", d);
    return p;
  }
};

struct FeedForwardParameters {
  Linear up, down;
  Norm norm;

  static FeedForwardParameters add(ParameterLayout& layout, const std::string& name, std::int64_t d,
                                   std::int64_t hidden) {
    FeedForwardParameters p;
    p.up = Linear::add(layout, name + ".up", hidden, d, xavier(hidden, d), fan_in(d));
    p.down = Linear::add(layout, name + ".down", d, hidden, xavier(d, hidden), fan_in(hidden));
    p.norm = Norm::add(layout, name + "_norm", d);
    return p;
  }
};

struct EncoderLayer {
  AttentionParameters attention;
  FeedForwardParameters feed_forward;
};

struct DecoderLayer {
  AttentionParameters self_attention, cross_attention;
  FeedForwardParameters feed_forward;
};

struct Parameters {
  std::size_t source_tokens = 0;
  std::size_t target_tokens = 0;
  std::size_t positions = 0;
  std::vector<EncoderLayer> encoder;
  Norm encoder_norm;
  std::vector<DecoderLayer> decoder;
  Norm decoder_norm;
  Linear readout;
};

/// Lays the parameters out, with the initial distributions of nn.Embedding, nn.Transformer, nn.Linear.
Parameters lay_out(const ModelShape& s, ParameterLayout& layout) {
  const std::int64_t d = s.width;
  const Initialization normal = Initialization::normal(1);
  Parameters p;
  p.source_tokens = layout.add("source_embedding.weight", s.source_vocabulary, d, normal);
  p.target_tokens = layout.add("target_embedding.weight", s.classes, d, normal);
  p.positions = layout.add("position_embedding.weight", s.positions, d, normal);
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const std::string name = "encoder." + std::to_string(i) + ".";
    EncoderLayer layer;
    layer.attention = AttentionParameters::add(layout, name + "attention", d);
    layer.feed_forward = FeedForwardParameters::add(layout, name + "feed_forward", d, s.hidden);
    p.encoder.push_back(layer);
  }
  p.encoder_norm = Norm::add(layout, "encoder_norm", d);
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const std::string name = "decoder." + std::to_string(i) + ".";
    DecoderLayer layer;
    layer.self_attention = AttentionParameters::add(layout, name + "self_attention", d);
    layer.cross_attention = AttentionParameters::add(layout, name + "cross_attention", d);
    layer.feed_forward = FeedForwardParameters::add(layout, name + "feed_forward", d, s.hidden);
    p.decoder.push_back(layer);
  }
  p.decoder_norm = Norm::add(layout, "decoder_norm", d);
  p.readout = Linear::add(layout, "readout", s.classes, d, fan_in(d), fan_in(d));
  return p;
}

// ------------------------------------------------------------------ layers

/// A pass over one kind of places: what all of its layers are told.
template <class T>
struct Pass {
  const PassContext<T>& context;
  const Batch& batch;
  const ParameterLayout& layout;
  FlatBuffer<const T> weights;
  Indices numbers;         ///< of the places that queries come from
  const char* stack;       ///< "encoder" or "decoder"
  std::size_t layer = 0;   ///< its number in the stack
  std::uint32_t site = 0;  ///< of the layer's first dropout

  void at(std::size_t number, std::uint32_t first_site) {
    layer = number;
    site = first_site;
  }

  [[nodiscard]] ActivationName name(const char* part, const char* ending) const {
    return {stack, layer, part, ending};
  }

  [[nodiscard]] Matrices<T> rows(std::int64_t count, std::int64_t cols) const {
    return groklab::rows(context, batch, count, cols);
  }

  [[nodiscard]] bool drops() const { return !context.dropout.empty(); }

  void drop(std::uint32_t place, Matrices<const T> x, Matrices<T> y) const {
    context.ops.dropout(context.dropout, site + place, numbers, x, y);
  }

  /// A branch's gradient: that of the sum, through the branch's dropout.
  [[nodiscard]] Matrices<T> branch_gradient(std::uint32_t place, Matrices<T> dsum) const {
    if (!drops()) return dsum;
    const Matrices<T> dbranch = rows(dsum.rows, dsum.cols);
    drop(place, dsum, dbranch);
    return dbranch;
  }
};

/// Whose rows queries attend to.
enum class Keys { kOwn, kOthers };

/// y = LN(x + drop(attention(x, keys))), the keys being x itself or another stack's output.
template <class T>
struct AttentionLayer {
  AttentionLayer(const char* layer_name, const AttentionParameters& parameters,
                 std::int64_t head_count, Keys from, std::uint32_t site)
      : name(layer_name),
        p(parameters),
        heads(head_count),
        is_self(from == Keys::kOwn),
        place(site) {}

  const char* name;
  AttentionParameters p;
  std::int64_t heads;
  bool is_self;         ///< whether keys are x itself
  std::uint32_t place;  ///< of its dropout in the layer

  Matrices<T> input;     ///< [queries, d]
  Matrices<T> keys;      ///< [keys, d]; of self-attention `input`
  Matrices<T> q, k, v;   ///< slices of projections
  Matrices<T> weights;   ///< [queries, heads·T]
  Matrices<T> attended;  ///< [queries, d]
  Norm::State<T> norm;

  void project(const Pass<T>& pass) {
    const std::int64_t d = input.cols;
    const Matrices<const T> weight = pass.layout.matrix(pass.weights, p.in.weight);
    const Vectors<const T> bias = pass.layout.vector(pass.weights, p.in.bias);
    if (is_self) {
      const Matrices<T> all = pass.rows(input.rows, 3 * d);
      pass.context.ops.linear_forward(input, weight, bias, all);
      q = all.slice_cols(0, d);
      k = all.slice_cols(d, d);
      v = all.slice_cols(2 * d, d);
      return;
    }
    q = pass.rows(input.rows, d);
    pass.context.ops.linear_forward(input, weight.slice_rows(0, d), bias.slice(0, d), q);
    const Matrices<T> both = pass.rows(keys.rows, 2 * d);
    pass.context.ops.linear_forward(keys, weight.slice_rows(d, 2 * d), bias.slice(d, 2 * d), both);
    k = both.slice_cols(0, d);
    v = both.slice_cols(d, d);
  }

  Matrices<T> forward(const Pass<T>& pass, const AttentionPaths& paths, Matrices<T> x,
                      Matrices<T> key_rows) {
    input = x;
    keys = key_rows;
    project(pass);
    weights = pass.rows(x.rows, heads * paths.path.cols);
    attended = pass.rows(x.rows, x.cols);
    AttentionForward<T> args;
    args.heads = heads;
    args.path = paths.path;
    args.q = q;
    args.k = k;
    args.v = v;
    args.weights = weights;
    args.y = attended;
    pass.context.ops.attention_forward(args);
    pass.context.show(pass.name(name, ".query"), q);
    pass.context.show(pass.name(name, ".key"), k);
    pass.context.show(pass.name(name, ".value"), v);
    pass.context.show(pass.name(name, ".weights"), weights);
    pass.context.show(pass.name(name, ".mixed_values"), attended);

    const Matrices<T> branch = pass.rows(x.rows, x.cols);
    p.out.template forward<T>(pass.context, pass.layout, pass.weights, attended, branch);
    if (pass.drops()) pass.drop(place, branch, branch);
    pass.context.show(pass.name(name, ".output"), branch);
    const Matrices<T> y = pass.rows(x.rows, x.cols);
    p.norm.template forward<T>(pass.context, pass.layout, pass.weights, branch, input, norm, y);
    pass.context.show(pass.name(name, "_norm"), y);
    return y;
  }

  /// Turns dh from the gradient of y into that of x. Of other keys, theirs goes to dkeys.
  void backward(const Pass<T>& pass, const AttentionPaths& paths, Matrices<T> dh, Matrices<T> dkeys,
                Into into, FlatBuffer<T> gradients) const {
    const std::int64_t d = input.cols;
    pass.context.show_gradient(pass.name(name, "_norm"), dh);
    p.norm.template backward<T>(pass.context, pass.layout, pass.weights, dh, norm, dh, gradients);
    pass.context.show_gradient(pass.name(name, ".output"), dh);
    const Matrices<T> dattended = pass.rows(input.rows, d);
    p.out.template backward<T>(pass.context, pass.layout, pass.weights,
                               pass.branch_gradient(place, dh), attended, dattended, gradients);
    pass.context.show_gradient(pass.name(name, ".mixed_values"), dattended);

    const Matrices<T> dall = is_self ? pass.rows(input.rows, 3 * d) : Matrices<T>{};
    const Matrices<T> dboth = is_self ? dall.slice_cols(d, 2 * d) : pass.rows(keys.rows, 2 * d);
    AttentionBackward<T> args;
    args.heads = heads;
    args.path = paths.path;
    args.uses = paths.uses;
    args.q = q;
    args.k = k;
    args.v = v;
    args.weights = weights;
    args.dy = dattended;
    args.dscores = pass.rows(input.rows, weights.cols);
    args.dq = is_self ? dall.slice_cols(0, d) : pass.rows(input.rows, d);
    args.dk = dboth.slice_cols(0, d);
    args.dv = dboth.slice_cols(d, d);
    pass.context.ops.attention_backward(args);
    pass.context.show_gradient(pass.name(name, ".query"), args.dq);
    pass.context.show_gradient(pass.name(name, ".key"), args.dk);
    pass.context.show_gradient(pass.name(name, ".value"), args.dv);

    Ops<T>& ops = pass.context.ops;
    const Matrices<const T> weight = pass.layout.matrix(pass.weights, p.in.weight);
    const Matrices<T> dweight = pass.layout.matrix(gradients, p.in.weight);
    const Vectors<T> dbias = pass.layout.vector(gradients, p.in.bias);
    if (is_self) {
      ops.linear_backward_weight(dall, input, dweight, dbias);
      ops.linear_backward_input(dall, weight, dh, /*accumulate=*/true);
      return;
    }
    ops.linear_backward_weight(args.dq, input, dweight.slice_rows(0, d), dbias.slice(0, d));
    ops.linear_backward_input(args.dq, weight.slice_rows(0, d), dh, /*accumulate=*/true);
    ops.linear_backward_weight(dboth, keys, dweight.slice_rows(d, 2 * d), dbias.slice(d, 2 * d));
    ops.linear_backward_input(dboth, weight.slice_rows(d, 2 * d), dkeys, into == Into::kSum);
  }
};

/// y = LN(x + drop(W₂ drop(relu(W₁ x + b₁)) + b₂)).
template <class T>
struct FeedForwardLayer {
  static constexpr const char* kName = "feed_forward";

  FeedForwardLayer(const FeedForwardParameters& parameters, std::uint32_t site)
      : p(parameters), place(site) {}

  FeedForwardParameters p;
  std::uint32_t place;  ///< of its first dropout in the layer

  Matrices<T> input;      ///< [places, d]
  Matrices<T> activated;  ///< [places, hidden] after ReLU and dropout
  Norm::State<T> norm;

  Matrices<T> forward(const Pass<T>& pass, std::int64_t hidden, Matrices<T> x) {
    input = x;
    activated = pass.rows(x.rows, hidden);
    p.up.template forward<T>(pass.context, pass.layout, pass.weights, x, activated);
    pass.context.show(pass.name(kName, ".up"), activated);
    pass.context.ops.relu_forward(activated, activated);
    if (pass.drops()) pass.drop(place, activated, activated);
    pass.context.show(pass.name(kName, ".neurons"), activated);
    const Matrices<T> branch = pass.rows(x.rows, x.cols);
    p.down.template forward<T>(pass.context, pass.layout, pass.weights, activated, branch);
    if (pass.drops()) pass.drop(place + 1, branch, branch);
    pass.context.show(pass.name(kName, ".output"), branch);
    const Matrices<T> y = pass.rows(x.rows, x.cols);
    p.norm.template forward<T>(pass.context, pass.layout, pass.weights, branch, input, norm, y);
    pass.context.show(pass.name(kName, "_norm"), y);
    return y;
  }

  /// Turns dh from the gradient of y into that of x.
  void backward(const Pass<T>& pass, Matrices<T> dh, FlatBuffer<T> gradients) const {
    pass.context.show_gradient(pass.name(kName, "_norm"), dh);
    p.norm.template backward<T>(pass.context, pass.layout, pass.weights, dh, norm, dh, gradients);
    pass.context.show_gradient(pass.name(kName, ".output"), dh);
    const Matrices<T> dup = pass.rows(activated.rows, activated.cols);
    p.down.template backward<T>(pass.context, pass.layout, pass.weights,
                                pass.branch_gradient(place + 1, dh), activated, dup, gradients);
    pass.context.show_gradient(pass.name(kName, ".neurons"), dup);
    // What was dropped is 0 in `activated`, so that ReLU's gradient there is 0 as well.
    if (pass.drops()) pass.drop(place, dup, dup);
    pass.context.ops.relu_backward(activated, dup, dup);
    pass.context.show_gradient(pass.name(kName, ".up"), dup);
    p.up.template backward<T>(pass.context, pass.layout, pass.weights, dup, input, dh, gradients,
                              Into::kSum);
  }
};

template <class T>
struct EncoderState {
  EncoderState(const EncoderLayer& layer, std::int64_t heads)
      : attention("attention", layer.attention, heads, Keys::kOwn, 0),
        feed_forward(layer.feed_forward, 1) {}

  AttentionLayer<T> attention;
  FeedForwardLayer<T> feed_forward;
};

template <class T>
struct DecoderState {
  DecoderState(const DecoderLayer& layer, std::int64_t heads)
      : self_attention("self_attention", layer.self_attention, heads, Keys::kOwn, 0),
        cross_attention("cross_attention", layer.cross_attention, heads, Keys::kOthers, 1),
        feed_forward(layer.feed_forward, 2) {}

  AttentionLayer<T> self_attention, cross_attention;
  FeedForwardLayer<T> feed_forward;
};

// Where dropout is applied: after both embeddings, then at three places of each encoder layer and
// at four of each decoder layer.
constexpr std::uint32_t kSourceSite = 0;
constexpr std::uint32_t kTargetSite = 1;
constexpr std::uint32_t kFirstLayerSite = 2;
constexpr std::uint32_t kEncoderSites = 3;
constexpr std::uint32_t kDecoderSites = 4;

// ------------------------------------------------------------------ the model

template <class T>
class Seq2Seq final : public Model<T> {
 public:
  explicit Seq2Seq(const ModelShape& shape) : shape_(shape), p_(lay_out(shape, layout_)) {
    for (const EncoderLayer& layer : p_.encoder) encoder_.emplace_back(layer, shape.heads);
    for (const DecoderLayer& layer : p_.decoder) decoder_.emplace_back(layer, shape.heads);
  }

  [[nodiscard]] const ParameterLayout& parameters() const override { return layout_; }

  [[nodiscard]] BatchNeeds needs() const override {
    BatchNeeds needs;
    needs.embeds = false;  // it has lists of its own places
    return needs;
  }

  [[nodiscard]] bool has_states_at_nodes() const override { return false; }

  Answers<T> forward(const PassContext<T>& context, const Batch& batch,
                     FlatBuffer<const T> weights) override {
    places_ = place(context, batch, shape_.causal);
    embedded_ = rows(context, batch, places_.sources + places_.targets, shape_.width);
    Pass<T> encoder = encoder_pass(context, batch, weights);
    Matrices<T> h = embed(encoder, kSourceSite, places_.source, p_.source_tokens, 0);
    context.show({"source_embedding"}, h);
    for (std::size_t i = 0; i < encoder_.size(); ++i) {
      encoder.at(i, encoder_site(i));
      h = encoder_[i].attention.forward(encoder, places_.from_source, h, h);
      h = encoder_[i].feed_forward.forward(encoder, shape_.hidden, h);
    }
    memory_ = rows(context, batch, places_.sources, shape_.width);
    p_.encoder_norm.template forward<T>(context, layout_, weights, h, {}, encoder_norm_, memory_);
    context.show({"encoder_norm"}, memory_);

    Pass<T> decoder = decoder_pass(context, batch, weights);
    h = embed(decoder, kTargetSite, places_.target, p_.target_tokens, places_.sources);
    context.show({"target_embedding"}, h);
    for (std::size_t i = 0; i < decoder_.size(); ++i) {
      decoder.at(i, decoder_site(i));
      h = decoder_[i].self_attention.forward(decoder, places_.from_target, h, h);
      h = decoder_[i].cross_attention.forward(decoder, places_.across, h, memory_);
      h = decoder_[i].feed_forward.forward(decoder, shape_.hidden, h);
    }
    readout_input_ = rows(context, batch, places_.targets, shape_.width);
    p_.decoder_norm.template forward<T>(context, layout_, weights, h, {}, decoder_norm_,
                                        readout_input_);
    context.show({"decoder_norm"}, readout_input_);
    const Matrices<T> logits = rows(context, batch, places_.targets, shape_.classes);
    p_.readout.template forward<T>(context, layout_, weights, readout_input_, logits);
    context.show({"logits"}, logits);
    return {logits, places_.answers, places_.answer_counts};
  }

  void backward(const PassContext<T>& context, const Batch& batch, FlatBuffer<const T> weights,
                Matrices<T> dlogits, FlatBuffer<T> gradients) override {
    context.show_gradient({"logits"}, dlogits);
    const EmbeddingLists lists = make_lists(context);
    const Matrices<T> dembedded =
        rows(context, batch, places_.sources + places_.targets, shape_.width);
    const Matrices<T> dtarget = dembedded.slice_rows(places_.sources, places_.targets);
    p_.readout.template backward<T>(context, layout_, weights, dlogits, readout_input_, dtarget,
                                    gradients);
    context.show_gradient({"decoder_norm"}, dtarget);
    p_.decoder_norm.template backward<T>(context, layout_, weights, dtarget, decoder_norm_, dtarget,
                                         gradients);
    const Matrices<T> dsource = dembedded.slice_rows(0, places_.sources);
    Pass<T> decoder = decoder_pass(context, batch, weights);
    Into into = Into::kEmpty;
    for (std::size_t i = decoder_.size(); i-- > 0;) {
      decoder.at(i, decoder_site(i));
      decoder_[i].feed_forward.backward(decoder, dtarget, gradients);
      decoder_[i].cross_attention.backward(decoder, places_.across, dtarget, dsource, into,
                                           gradients);
      decoder_[i].self_attention.backward(decoder, places_.from_target, dtarget, {}, into,
                                          gradients);
      into = Into::kSum;
    }
    context.show_gradient({"target_embedding"}, dtarget);
    embed_backward(decoder, kTargetSite, dtarget);

    context.show_gradient({"encoder_norm"}, dsource);
    p_.encoder_norm.template backward<T>(context, layout_, weights, dsource, encoder_norm_, dsource,
                                         gradients);
    Pass<T> encoder = encoder_pass(context, batch, weights);
    for (std::size_t i = encoder_.size(); i-- > 0;) {
      encoder.at(i, encoder_site(i));
      encoder_[i].feed_forward.backward(encoder, dsource, gradients);
      encoder_[i].attention.backward(encoder, places_.from_source, dsource, {}, into, gradients);
    }
    context.show_gradient({"source_embedding"}, dsource);
    embed_backward(encoder, kSourceSite, dsource);

    const auto sum = [&](Matrices<T> rows, const Lists& of, std::size_t table) {
      context.ops.sum_lists(rows, of, 1, layout_.matrix(gradients, table));
    };
    sum(dsource, lists.of_source_token, p_.source_tokens);
    sum(dtarget, lists.of_target_token, p_.target_tokens);
    sum(dembedded, lists.of_position, p_.positions);
  }

 private:
  /// Places by their token, and by their position.
  struct EmbeddingLists {
    Lists of_source_token, of_target_token, of_position;
  };

  [[nodiscard]] static std::uint32_t encoder_site(std::size_t i) {
    return kFirstLayerSite + kEncoderSites * static_cast<std::uint32_t>(i);
  }

  [[nodiscard]] std::uint32_t decoder_site(std::size_t i) const {
    return encoder_site(encoder_.size()) + kDecoderSites * static_cast<std::uint32_t>(i);
  }

  Pass<T> encoder_pass(const PassContext<T>& context, const Batch& batch,
                       FlatBuffer<const T> weights) const {
    return {context, batch, layout_, weights, places_.source.numbers, "encoder"};
  }

  Pass<T> decoder_pass(const PassContext<T>& context, const Batch& batch,
                       FlatBuffer<const T> weights) const {
    return {context, batch, layout_, weights, places_.target.numbers, "decoder"};
  }

  /// Rows `first` … of `embedded_`: tokens and their positions.
  Matrices<T> embed(Pass<T>& pass, std::uint32_t site, const Side& side, std::size_t table,
                    std::int64_t first) const {
    const Matrices<T> h = embedded_.slice_rows(first, side.tokens.size);
    pass.context.ops.embedding(layout_.matrix(pass.weights, table),
                               layout_.matrix(pass.weights, p_.positions), side.tokens,
                               places_.positions.slice(first, side.tokens.size), h);
    pass.site = site;
    if (pass.drops()) pass.drop(0, h, h);
    return h;
  }

  static void embed_backward(Pass<T>& pass, std::uint32_t site, Matrices<T> dh) {
    pass.site = site;
    if (pass.drops()) pass.drop(0, dh, dh);
  }

  /// Completes the paths with their uses.
  EmbeddingLists make_lists(const PassContext<T>& context) {
    std::vector<ListsOf> made;
    const auto list = [&](const Indices& keys, std::int64_t lists) {
      return lists_of(context, made, keys, lists);
    };
    places_.from_source.uses = list(flatten(places_.from_source.path), places_.sources);
    places_.from_target.uses = list(flatten(places_.from_target.path), places_.targets);
    places_.across.uses = list(flatten(places_.across.path), places_.sources);
    EmbeddingLists lists;
    lists.of_source_token = list(places_.source.tokens, shape_.source_vocabulary);
    lists.of_target_token = list(places_.target.tokens, shape_.classes);
    lists.of_position = list(places_.positions, shape_.positions);
    context.ops.make_lists(made);
    return lists;
  }

  ModelShape shape_;
  ParameterLayout layout_;
  Parameters p_;
  std::vector<EncoderState<T>> encoder_;
  std::vector<DecoderState<T>> decoder_;
  Places places_;
  Matrices<T> embedded_;       // [sources + targets, d]
  Matrices<T> memory_;         // [sources, d] what the encoder hands over
  Matrices<T> readout_input_;  // [targets, d]
  Norm::State<T> encoder_norm_, decoder_norm_;
};

}  // namespace

template <class T>
std::unique_ptr<Model<T>> make_seq2seq(const ModelShape& shape) {
  return std::make_unique<Seq2Seq<T>>(shape);
}

template std::unique_ptr<Model<float>> make_seq2seq(const ModelShape&);
template std::unique_ptr<Model<double>> make_seq2seq(const ModelShape&);

}  // namespace groklab
