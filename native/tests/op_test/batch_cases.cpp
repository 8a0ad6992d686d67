// The ops of ops/batch_ops.h. They move integers and whole words: every bit must be right, and what
// they are told to leave alone must be as it was.
#include <algorithm>
#include <array>
#include <string_view>

#include "op_test/op_case.h"
#include "support/random.h"

namespace groklab::test {
namespace {

constexpr Bound kExact{0, 0};

/// A row number or word that is in nobody's range: to be copied at most, never to be looked up.
constexpr double kNobody = 0x7F000000;

/// Numbers that an op has no reason to write, for what it must leave as it is.
std::vector<double> contents(std::int64_t count, Random& random) {
  std::vector<double> values = random.integers(count, 1 << 20);
  for (double& value : values) value += 1 << 28;
  return values;
}

Tensor cursor(Role role, std::int64_t at) {
  return shared({"cursor", role, Element::kCursor, 1, 1, 1, {static_cast<double>(at)}, false, {}});
}

// ------------------------------------------------------------------ begin_step, end_step

struct TableShape {
  std::int64_t replicas;
  std::int64_t steps;
  std::int64_t width;
  std::int64_t at;  ///< the cursor
};

std::string text(const TableShape& s) {
  return describe({{"R", s.replicas}, {"steps", s.steps}, {"W", s.width}, {"cursor", s.at}});
}

class BeginStep final : public OpCaseOf<BeginStep> {
 public:
  BeginStep(const TableShape& s, Random random) {
    shape = text(s);
    // Words of any content, signalling NaNs of either precision included.
    auto words = random.integers(s.replicas * s.steps * s.width, std::int64_t{1} << 32);
    for (double& word : words) word -= 0x1p31;
    tensors = {cursor(Role::kInput, s.at),
               input("table", s.replicas, s.steps, s.width, std::move(words), Element::kIndex),
               output("record", s.replicas, 1, s.width, Element::kIndex)};
    fp32 = fp64 = kExact;
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    ops.begin_step(a.cursor(0), a.index_matrices(1), a.integers(2));
  }
};

class EndStep final : public OpCaseOf<EndStep> {
 public:
  EndStep(const TableShape& s, Random random) {
    shape = text(s);
    divisible = false;  // the cursor moves on once
    tensors = {cursor(Role::kInOut, s.at),
               input("results", s.replicas, 1, s.width, random.normals(s.replicas * s.width),
                     Element::kDouble),
               in_out("table", s.replicas, s.steps, s.width,
                      random.normals(s.replicas * s.steps * s.width), Element::kDouble)};
    fp32 = fp64 = kExact;
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    ops.end_step(a.cursor(0), a.doubles(1), a.double_matrices(2));
  }
};

// ------------------------------------------------------------------ fill_tree

struct TreeShape {
  std::int64_t replicas;
  std::int64_t capacity;
  std::int64_t size;  ///< of the first replica's batch; the others' are 0, 1 and random
  std::int64_t rows;
  std::int64_t vocabulary;
  std::int64_t shared_levels;
  std::int64_t first_node;
  std::string_view pairs;  ///< for each position whether its pairs are 's'hared or rows' 'o'wn

  [[nodiscard]] std::int64_t length() const { return static_cast<std::int64_t>(pairs.size()); }
  [[nodiscard]] std::int64_t nodes() const {
    return first_node + (length() - shared_levels) * capacity;
  }
};

std::string text(const TreeShape& s) {
  return describe({{"R", s.replicas},
                   {"B", s.capacity},
                   {"size", s.size},
                   {"rows", s.rows},
                   {"V", s.vocabulary},
                   {"S", s.shared_levels},
                   {"nodes", s.nodes()}}) +
         " pairs " + std::string(s.pairs);
}

/// The op knows nothing of prefixes: what the tables hold may be any numbers that are in range.
class FillTree final : public OpCaseOf<FillTree> {
 public:
  FillTree(const TreeShape& s, Random random) : first_node_(s.first_node) {
    shape = text(s);
    fp32 = fp64 = kExact;
    const std::int64_t r = s.replicas;
    std::vector<double> shared_pairs;
    std::vector<double> row_pairs;
    const std::int64_t pairs = number_pairs(s, random, shared_pairs, row_pairs);
    const auto table = [](const char* name, std::int64_t rows, std::int64_t cols,
                          std::vector<double> values) {
      return shared(input(name, 1, rows, cols, std::move(values), Element::kIndex));
    };
    const auto kept = [&](const char* name, std::int64_t rows, std::int64_t cols) {
      return in_out(name, r, rows, cols, contents(r * rows * cols, random), Element::kIndex);
    };
    const std::vector<double> sizes = batch_sizes(s, random);
    tensors = {
        table("tokens", s.rows, s.length(), random.integers(s.rows * s.length(), s.vocabulary)),
        table("targets", 1, s.rows, random.integers(s.rows, s.vocabulary)),
        table("shared_nodes", s.rows, s.shared_levels,
              random.integers(s.rows * s.shared_levels, std::max<std::int64_t>(s.first_node, 1))),
        table("shared_pairs", 1, s.length() * s.vocabulary, std::move(shared_pairs)),
        table("row_pairs", 1, s.length(), std::move(row_pairs)),
        input("rows", r, 1, s.capacity, batch_rows(s, sizes, random), Element::kIndex),
        input("sizes", r, 1, 1, sizes, Element::kIndex),
        kept("pair_tokens", 1, pairs),
        kept("node_pairs", 1, s.nodes()),
        kept("node_parents", 1, s.nodes()),
        kept("node_numbers", 1, s.nodes()),
        kept("pair_paths", s.nodes(), s.length()),
        kept("node_paths", s.nodes(), s.length()),
        output("leaf_targets", r, 1, s.capacity, Element::kIndex),
        output("leaf_counts", r, 1, s.capacity, Element::kIndex)};
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    TreeRows args;
    args.tokens = a.index_matrices(0);
    args.targets = a.indices(1);
    args.shared_nodes = a.index_matrices(2);
    args.shared_pairs = a.indices(3);
    args.row_pairs = a.indices(4);
    args.first_node = first_node_;
    args.rows = a.indices(5);
    args.sizes = a.indices(6);
    args.pair_tokens = a.integers(7);
    args.node_pairs = a.integers(8);
    args.node_parents = a.integers(9);
    args.node_numbers = a.integers(10);
    args.pair_paths = a.integer_matrices(11);
    args.node_paths = a.integer_matrices(12);
    args.leaf_targets = a.integers(13);
    args.leaf_counts = a.integers(14);
    ops.fill_tree(args);
  }

 private:
  /// Numbers the pairs position by position; returns how many there are.
  static std::int64_t number_pairs(const TreeShape& s, Random& random,
                                   std::vector<double>& shared_pairs,
                                   std::vector<double>& row_pairs) {
    std::int64_t pairs = 0;
    for (const char kind : s.pairs) {
      const bool own = kind == 'o';
      row_pairs.push_back(own ? static_cast<double>(pairs) : -1.0);
      for (std::int64_t token = 0; token < s.vocabulary; ++token) {
        shared_pairs.push_back(own ? -1.0
                                   : static_cast<double>(pairs + random.integer(s.vocabulary)));
      }
      pairs += own ? s.capacity : s.vocabulary;
    }
    return pairs;
  }

  static std::vector<double> batch_sizes(const TreeShape& s, Random& random) {
    std::vector<double> sizes;
    for (std::int64_t r = 0; r < s.replicas; ++r) {
      const std::int64_t size = r == 0   ? s.size
                                : r == 1 ? 0
                                : r == 2 ? std::min<std::int64_t>(1, s.capacity)
                                         : random.integer(s.capacity + 1);
      sizes.push_back(static_cast<double>(size));
    }
    return sizes;
  }

  static std::vector<double> batch_rows(const TreeShape& s, const std::vector<double>& sizes,
                                        Random& random) {
    std::vector<double> rows;
    for (const double size : sizes) {
      for (std::int64_t i = 0; i < s.capacity; ++i) {
        rows.push_back(static_cast<double>(i) < size ? static_cast<double>(random.integer(s.rows))
                                                     : kNobody);
      }
    }
    return rows;
  }

  std::int64_t first_node_;
};

// ------------------------------------------------------------------ fill_sequences

struct SequenceShape {
  std::int64_t replicas;
  std::int64_t batch;
  std::int64_t rows;  ///< of the data set
  std::int64_t sources;
  std::int64_t targets;
  bool causal;
};

std::string text(const SequenceShape& s) {
  return describe({{"R", s.replicas},
                   {"B", s.batch},
                   {"rows", s.rows},
                   {"S", s.sources},
                   {"U", s.targets}}) +
         (s.causal ? " causal" : "");
}

class FillSequences final : public OpCaseOf<FillSequences> {
 public:
  FillSequences(const SequenceShape& s, Random random) : causal_(s.causal) {
    shape = text(s);
    fp32 = fp64 = kExact;
    const std::int64_t r = s.replicas;
    const std::int64_t sources = s.batch * s.sources;
    const std::int64_t targets = s.batch * s.targets;
    const auto given = [&](const char* name, std::int64_t cols, std::int64_t below) {
      return input(name, r, 1, cols, random.integers(r * cols, below), Element::kIndex);
    };
    const auto made = [&](const char* name, std::int64_t rows, std::int64_t cols) {
      return output(name, r, rows, cols, Element::kIndex);
    };
    tensors = {
        input("sources", r, s.rows, s.sources, sequences(s, s.sources, 1, random), Element::kIndex),
        input("sequences", r, s.rows, s.targets + 1, sequences(s, s.targets + 1, 2, random),
              Element::kIndex),
        given("rows", s.batch, s.rows),
        given("counts", s.batch, 2),
        given("numbers", s.batch, s.batch + 1),
        made("source_tokens", 1, sources),
        made("source_positions", 1, sources),
        made("source_numbers", 1, sources),
        made("source_paths", sources, s.sources),
        made("target_tokens", 1, targets),
        made("target_positions", 1, targets),
        made("target_numbers", 1, targets),
        made("target_paths", targets, s.targets),
        made("cross_paths", targets, s.sources),
        made("answers", 1, targets),
        made("answer_counts", 1, targets)};
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    SequenceRows args;
    args.causal = causal_;
    args.sources = a.index_matrices(0);
    args.sequences = a.index_matrices(1);
    args.rows = a.indices(2);
    args.counts = a.indices(3);
    args.numbers = a.indices(4);
    args.source_tokens = a.integers(5);
    args.source_positions = a.integers(6);
    args.source_numbers = a.integers(7);
    args.source_paths = a.integer_matrices(8);
    args.target_tokens = a.integers(9);
    args.target_positions = a.integers(10);
    args.target_numbers = a.integers(11);
    args.target_paths = a.integer_matrices(12);
    args.cross_paths = a.integer_matrices(13);
    args.answers = a.integers(14);
    args.answer_counts = a.integers(15);
    ops.fill_sequences(args);
  }

 private:
  /// Rows of `least` … `most` tokens; the first row has as many as there can be.
  static std::vector<double> sequences(const SequenceShape& s, std::int64_t most,
                                       std::int64_t least, Random& random) {
    std::vector<double> tokens;
    for (std::int64_t row = 0; row < s.replicas * s.rows; ++row) {
      const std::int64_t length = row == 0 ? most : least + random.integer(most - least + 1);
      for (std::int64_t t = 0; t < most; ++t) {
        tokens.push_back(t < length ? static_cast<double>(random.integer(1000)) : -1.0);
      }
    }
    return tokens;
  }

  bool causal_;
};

// ------------------------------------------------------------------ make_lists

enum class Keys {
  kRandom,     ///< of all lists, and one in four of none
  kNone,       ///< all −1
  kOne,        ///< all the same
  kAscending,  ///< each list's items side by side
  kFew,        ///< most items in the last list
};

struct Job {
  std::int64_t items;
  std::int64_t lists;
  Keys keys = Keys::kRandom;
};

struct ListsShape {
  std::int64_t replicas;
  std::vector<Job> jobs;
};

std::string text(const ListsShape& s) {
  std::string text = describe({{"R", s.replicas}});
  constexpr std::array kNames = {"", " none", " one list", " ascending", " mostly one list"};
  for (const Job& job : s.jobs) {
    text += " [" + describe({{"N", job.items}, {"lists", job.lists}}) +
            kNames[static_cast<std::size_t>(job.keys)] + ']';
  }
  return text;
}

double key(const Job& job, std::int64_t i, Random& random) {
  const auto any = [&] { return static_cast<double>(random.integer(job.lists)); };
  switch (job.keys) {
    case Keys::kRandom:
      return random.integer(4) == 0 ? -1 : any();
    case Keys::kNone:
      return -1;
    case Keys::kOne:
      return static_cast<double>(job.lists / 2);
    case Keys::kAscending:
      return static_cast<double>(i * job.lists / job.items);
    case Keys::kFew:
      break;
  }
  return random.integer(16) == 0 ? any() : static_cast<double>(job.lists - 1);
}

class MakeLists final : public OpCaseOf<MakeLists> {
 public:
  MakeLists(const ListsShape& s, Random random) : jobs_(s.jobs.size()) {
    shape = text(s);
    fp32 = fp64 = kExact;
    for (const Job& job : s.jobs) {
      std::vector<double> keys;
      for (std::int64_t r = 0; r < s.replicas; ++r) {
        for (std::int64_t i = 0; i < job.items; ++i) keys.push_back(key(job, i, random));
      }
      tensors.push_back(input("keys", s.replicas, 1, job.items, std::move(keys), Element::kIndex));
      tensors.push_back(output("offsets", s.replicas, 1, job.lists + 1, Element::kIndex));
      // Not all of them are written where there are keys of −1.
      tensors.push_back(in_out("items", s.replicas, 1, job.items,
                               contents(s.replicas * job.items, random), Element::kIndex));
    }
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    std::vector<ListsOf> jobs;
    for (std::size_t j = 0; j < jobs_; ++j) {
      jobs.push_back({a.indices(3 * j), a.integers(3 * j + 1), a.integers(3 * j + 2)});
    }
    ops.make_lists(jobs);
  }

 private:
  std::size_t jobs_;
};

}  // namespace

void add_batch_cases(Catalogue& catalogue) {
  std::uint64_t seed = 1100;
  for (const TableShape& s :
       {TableShape{1, 1, 1, 0}, TableShape{1, 7, 13, 3}, TableShape{3, 5, 0, 2},
        TableShape{3, 9, 1031, 8}, TableShape{70, 2, 19, 1}, TableShape{65537, 2, 3, 1}}) {
    const Random random(++seed);
    catalogue.test.push_back(
        {"begin_step", [=] { return std::make_unique<BeginStep>(s, random); }});
    catalogue.test.push_back({"end_step", [=] { return std::make_unique<EndStep>(s, random); }});
  }

  // R, B, size, rows, V, S, first node, pairs: dense, all shared, and what lies between.
  const TreeShape trees[] = {{1, 1, 1, 1, 2, 0, 0, "o"},
                             {1, 1, 0, 3, 2, 0, 0, "s"},
                             {1, 5, 5, 9, 4, 0, 0, "oooo"},
                             {1, 5, 3, 9, 4, 0, 0, "osso"},
                             {1, 7, 7, 25, 7, 1, 5, "ssso"},
                             {3, 13, 11, 49, 9, 2, 14, "ssss"},
                             {5, 31, 17, 49, 9, 3, 60, "ssssoo"},
                             {4, 3, 2, 11, 5, 2, 3, "ssosos"},
                             {70, 4, 4, 25, 7, 2, 10, "ssss"},
                             {1, 1100, 1053, 60, 6, 2, 30, "ssso"},
                             {2, 3, 3, 17, 3, 31, 77, "sssssssssssssssssssssssssssssssoo"},
                             {1, 256, 180, 9409, 99, 2, 194, "ssss"},
                             {65537, 1, 1, 4, 2, 1, 2, "ss"}};
  for (const TreeShape& s : trees) {
    const Random random(++seed);
    catalogue.test.push_back({"fill_tree", [=] { return std::make_unique<FillTree>(s, random); }});
  }

  // R, B, rows, S, U, causal.
  const SequenceShape sequences[] = {
      {1, 1, 1, 1, 1, true},     {1, 0, 3, 2, 2, true},       {1, 5, 9, 4, 7, true},
      {1, 5, 9, 7, 4, false},    {3, 13, 6, 1, 5, true},      {2, 11, 17, 6, 1, false},
      {70, 3, 4, 3, 2, true},    {1, 128, 300, 31, 33, true}, {2, 3, 5, 129, 2, true},
      {65537, 1, 1, 1, 1, true},
  };
  for (const SequenceShape& s : sequences) {
    const Random random(++seed);
    catalogue.test.push_back(
        {"fill_sequences", [=] { return std::make_unique<FillSequences>(s, random); }});
  }

  const ListsShape lists[] = {
      {1, {{1, 1}}},
      {1, {{0, 3}}},
      {1, {{0, 0}}},
      {2, {{37, 5, Keys::kNone}}},
      {3, {{40, 7}}},
      {1, {{31, 32, Keys::kAscending}}},
      {1, {{5003, 1, Keys::kOne}}},
      {1, {{4999, 3}}},
      {2, {{3001, 194, Keys::kFew}}},
      {1, {{53, 4099}}},
      // More lists than a block of a GPU has room for.
      {2, {{53, 12289}, {2503, 13007, Keys::kFew}}},
      {1, {{2048, 1024, Keys::kAscending}}},
      {70, {{33, 6}}},
      {3,
       {{1, 9},
        {1025, 17},
        {0, 4},
        {64, 2, Keys::kNone},
        {1023, 1024},
        {127, 1, Keys::kOne},
        {300, 33, Keys::kAscending},
        {511, 5, Keys::kFew}}},
      {1, {{4 * 706, 196}, {4 * 256, 706}, {706, 196}, {256, 196}}},
      {1, {{40009, 9999}, {40009, 2, Keys::kFew}}},
      {65537, {{2, 2}}},
  };
  for (const ListsShape& s : lists) {
    const Random random(++seed);
    catalogue.test.push_back(
        {"make_lists", [=] { return std::make_unique<MakeLists>(s, random); }});
  }

  // The report's Transformer: 194 shared nodes, 196 pairs, 256 rows of the batch.
  const Random random(++seed);
  const std::int64_t r = catalogue.perf_replicas;
  catalogue.perf.push_back({"begin_step", [=] {
                              return std::make_unique<BeginStep>(TableShape{r, 16, 276, 3}, random);
                            }});
  catalogue.perf.push_back({"fill_tree", [=] {
                              return std::make_unique<FillTree>(
                                  TreeShape{r, 256, 256, 9409, 99, 2, 194, "ssss"}, random);
                            }});
  catalogue.perf.push_back(
      {"fill_sequences", [=] {
         return std::make_unique<FillSequences>(SequenceShape{r, 128, 1000, 24, 24, true}, random);
       }});
  const ListsShape report{r, {{4 * 706, 196}, {4 * 256, 706}, {706, 196}, {256, 196}}};
  catalogue.perf.push_back(
      {"make_lists", [=] { return std::make_unique<MakeLists>(report, random); }});
}

}  // namespace groklab::test
