// Data sets.
#include "abi/objects.h"

using namespace groklab;
using namespace groklab::abi;

namespace {

constexpr std::int64_t kMostClasses = 1 << 24;
constexpr std::int64_t kMostFeatures = 1 << 24;
constexpr std::int64_t kMostElements = std::int64_t{1} << 40;

groklab_dataset* put(std::shared_ptr<Dataset> dataset) {
  auto object = std::make_shared<DatasetObject>();
  object->dataset = std::move(dataset);
  return datasets().put(std::move(object));
}

std::string in_row(const std::string& what, std::int64_t row) {
  return what + " in row " + text(row);
}

/// Refuses the first number that a network could not learn from.
void check_features(std::span<const float> values, std::int64_t features, std::int64_t first_row) {
  const auto bad = std::ranges::find_if_not(values, [](float v) { return std::isfinite(v); });
  if (bad == values.end()) return;
  const std::int64_t at = bad - values.begin();
  invalid(in_row("value " + text(at % features), first_row + at / features) + " is " +
          text(static_cast<double>(*bad)) + "; allowed are finite numbers");
}

void check_targets(std::span<const std::int32_t> targets, std::int64_t classes,
                   std::int64_t first_row) {
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (targets[i] >= 0 && targets[i] < classes) continue;
    invalid(in_row("target " + text(std::int64_t{targets[i]}),
                   first_row + static_cast<std::int64_t>(i)) +
            " is outside the classes, 0 to " + text(classes - 1));
  }
}

void check_weights(std::span<const double> weights, std::int64_t first_row) {
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (std::isfinite(weights[i])) continue;
    invalid(in_row("the weight", first_row + static_cast<std::int64_t>(i)) + " is " +
            text(weights[i]) + "; allowed are finite numbers");
  }
}

/// A sequence: `least` tokens at least, then nothing but −1.
void check_sequence(std::span<const std::int32_t> tokens, std::size_t least,
                    std::int64_t vocabulary, const std::string& what, std::int64_t row) {
  bool ended = false;
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    const std::int32_t token = tokens[t];
    if (token == -1) {
      if (t < least) {
        invalid(in_row("the " + what, row) + " has " + std::to_string(t) +
                " tokens; it must have at least " + std::to_string(least));
      }
      ended = true;
    } else if (token < 0 || token >= vocabulary) {
      invalid(in_row(what + " token " + text(std::int64_t{token}), row) +
              " is outside the vocabulary, 0 to " + text(vocabulary - 1) + ", and not -1");
    } else if (ended) {
      invalid(in_row("the " + what, row) + " goes on after a -1");
    }
  }
}

/// `rows` sequences of at most `length` tokens, the first of them of row first_row.
std::span<const std::int32_t> read_sequences(const std::int32_t* tokens, std::int64_t first_row,
                                             std::int64_t rows, std::int64_t length,
                                             std::size_t least, std::int64_t vocabulary,
                                             const std::string& what) {
  const std::span all(tokens, static_cast<std::size_t>(rows * length));
  for (std::int64_t row = 0; row < rows; ++row) {
    check_sequence(
        all.subspan(static_cast<std::size_t>(row * length), static_cast<std::size_t>(length)),
        least, vocabulary, what, first_row + row);
  }
  return all;
}

std::span<const std::int32_t> read_sources(const PairRows& pairs, const std::int32_t* tokens,
                                           std::int64_t first_row, std::int64_t rows) {
  return read_sequences(tokens, first_row, rows, pairs.source_length, 1, pairs.source_vocabulary,
                        "source");
}

std::span<const std::int32_t> read_targets(const PairRows& pairs, const std::int32_t* tokens,
                                           std::int64_t first_row, std::int64_t rows) {
  return read_sequences(tokens, first_row, rows, pairs.target_length + 1, 2,
                        pairs.target_vocabulary, "target");
}

}  // namespace

groklab_status groklab_dataset_create(groklab_engine* engine,
                                      const groklab_dataset_options* options,
                                      groklab_dataset** dataset) {
  return guarded([&] {
    engines().get(engine);
    const groklab_dataset_options o = read_struct(options, "options");
    check_not_null(dataset, "dataset");
    check_range(o.vocabulary, 2, 1 << 24, "options.vocabulary");
    check_range(o.sequence_length, 1, 4096, "options.sequence_length");
    check_range(o.reserved, 0, 0, "options.reserved");
    check_range(o.rows, 1, INT32_MAX, "options.rows");
    check_not_null(o.tokens, "options.tokens");
    check_not_null(o.targets, "options.targets");
    const auto vocabulary = static_cast<std::int64_t>(o.vocabulary);
    const auto length = static_cast<std::int64_t>(o.sequence_length);
    const auto check_token = [&](std::int32_t token, std::int64_t row, const char* what) {
      if (token < 0 || token >= vocabulary) {
        invalid(std::string(what) + " " + text(std::int64_t{token}) + " in row " + text(row) +
                " is outside the vocabulary, 0 to " + text(vocabulary - 1));
      }
    };
    for (std::int64_t row = 0; row < o.rows; ++row) {
      for (std::int64_t t = 0; t < length; ++t)
        check_token(o.tokens[row * length + t], row, "token");
      check_token(o.targets[row], row, "target");
    }
    *dataset = put(std::make_shared<Dataset>(
        vocabulary, length, std::span(o.tokens, static_cast<std::size_t>(o.rows * length)),
        std::span(o.targets, static_cast<std::size_t>(o.rows))));
  });
}

groklab_status groklab_features_create(groklab_engine* engine,
                                       const groklab_features_options* options,
                                       groklab_dataset** dataset) {
  return guarded([&] {
    engines().get(engine);
    const groklab_features_options o = read_struct(options, "options");
    check_not_null(dataset, "dataset");
    check_range(o.classes, 2, kMostClasses, "options.classes");
    check_range(o.channels, 1, kMostFeatures, "options.channels");
    check_range(o.height, 1, kMostFeatures, "options.height");
    check_range(o.width, 1, kMostFeatures, "options.width");
    check_range(o.reserved, 0, 0, "options.reserved");
    check_range(o.rows, 1, INT32_MAX, "options.rows");
    const std::int64_t pixels =
        checked_product(o.height, o.width, kMostFeatures, "the number of pixels");
    const std::int64_t features =
        checked_product(o.channels, pixels, kMostFeatures, "the number of features");
    const std::int64_t count =
        checked_product(o.rows, features, kMostElements, "the number of values");
    check_not_null(o.values, "options.values");
    check_not_null(o.targets, "options.targets");
    const std::span values(o.values, static_cast<std::size_t>(count));
    const std::span targets(o.targets, static_cast<std::size_t>(o.rows));
    std::span<const double> weights;
    if (o.weights != nullptr) weights = {o.weights, targets.size()};
    check_features(values, features, 0);
    check_targets(targets, o.classes, 0);
    check_weights(weights, 0);
    FeatureRows rows;
    rows.classes = o.classes;
    rows.channels = o.channels;
    rows.height = o.height;
    rows.width = o.width;
    rows.values.assign(values.begin(), values.end());
    rows.targets.assign(targets.begin(), targets.end());
    rows.weights.assign(weights.begin(), weights.end());
    *dataset = put(std::make_shared<Dataset>(std::move(rows)));
  });
}

groklab_status groklab_features_write(groklab_dataset* dataset, int64_t first_row, int64_t count,
                                      const float* values, const int32_t* targets,
                                      const double* weights) {
  return guarded([&] {
    const auto object = datasets().get(dataset);
    Dataset& data = *object->dataset;
    const FeatureRows* const features = data.features();
    if (features == nullptr) invalid("the data set has no features: its rows are tokens");
    check_range(first_row, 0, data.rows() - 1, "first_row");
    check_range(count, 1, data.rows() - first_row, "count");
    check_not_null(values, "values");
    check_not_null(targets, "targets");
    const std::span new_values(values, static_cast<std::size_t>(count * features->size()));
    const std::span new_targets(targets, static_cast<std::size_t>(count));
    std::span<const double> new_weights;
    if (features->weights.empty()) {
      if (weights != nullptr) invalid("weights is given, and the data set was made without");
    } else {
      check_not_null(weights, "weights, of a data set that was made with them,");
      new_weights = {weights, new_targets.size()};
    }
    check_features(new_values, features->size(), first_row);
    check_targets(new_targets, data.classes(), first_row);
    check_weights(new_weights, first_row);
    data.write(first_row, new_values, new_targets, new_weights);
  });
}

groklab_status groklab_pairs_create(groklab_engine* engine, const groklab_pairs_options* options,
                                    groklab_dataset** dataset) {
  return guarded([&] {
    engines().get(engine);
    const groklab_pairs_options o = read_struct(options, "options");
    check_not_null(dataset, "dataset");
    check_range(o.source_vocabulary, 2, kMostClasses, "options.source_vocabulary");
    check_range(o.source_length, 1, 4096, "options.source_length");
    check_range(o.target_vocabulary, 2, kMostClasses, "options.target_vocabulary");
    check_range(o.target_length, 1, 4096, "options.target_length");
    check_range(o.reserved, 0, 0, "options.reserved");
    check_range(o.rows, 1, INT32_MAX, "options.rows");
    PairRows rows;
    rows.source_vocabulary = o.source_vocabulary;
    rows.source_length = o.source_length;
    rows.target_vocabulary = o.target_vocabulary;
    rows.target_length = o.target_length;
    check_not_null(o.sources, "options.sources");
    check_not_null(o.targets, "options.targets");
    const auto sources = read_sources(rows, o.sources, 0, o.rows);
    const auto targets = read_targets(rows, o.targets, 0, o.rows);
    rows.sources.assign(sources.begin(), sources.end());
    rows.sequences.assign(targets.begin(), targets.end());
    *dataset = put(std::make_shared<Dataset>(std::move(rows)));
  });
}

groklab_status groklab_pairs_write(groklab_dataset* dataset, int64_t first_row, int64_t count,
                                   const int32_t* sources, const int32_t* targets) {
  return guarded([&] {
    const auto object = datasets().get(dataset);
    Dataset& data = *object->dataset;
    const PairRows* const pairs = data.pairs();
    if (pairs == nullptr) invalid("the rows of the data set are no pairs of sequences");
    check_range(first_row, 0, data.rows() - 1, "first_row");
    check_range(count, 1, data.rows() - first_row, "count");
    check_not_null(sources, "sources");
    check_not_null(targets, "targets");
    data.write(first_row, read_sources(*pairs, sources, first_row, count),
               read_targets(*pairs, targets, first_row, count));
  });
}

groklab_status groklab_dataset_destroy(groklab_dataset* dataset) {
  return guarded([&] {
    if (dataset != nullptr) datasets().take(dataset);
  });
}
