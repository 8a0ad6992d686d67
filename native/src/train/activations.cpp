#include "train/activations.h"

#include <algorithm>

#include "models/models.h"
#include "train/dry_pass.h"
#include "train/host_batch.h"

namespace groklab {

namespace {

/// Writes down what a pass over one row shows.
class Listing final : public Observer<float> {
 public:
  explicit Listing(bool row_by_row) : row_by_row_(row_by_row) {}

  void activation(const ActivationName& name, Matrices<const float> values) override {
    all.push_back({name.text(), values.rows, row_by_row_, values.cols, false});
  }
  void gradient(const ActivationName& name, Matrices<const float>) override {
    const auto found = std::ranges::find(all, name.text(), &ActivationInfo::name);
    if (found != all.end()) found->has_gradient = true;
  }

  std::vector<ActivationInfo> all;

 private:
  bool row_by_row_;
};

}  // namespace

std::vector<ActivationInfo> list_activations(const ModelShape& shape, const Dataset& dataset) {
  const std::unique_ptr<Model<float>> model = make_model<float>(shape);
  const TreeBounds bounds(dataset, 1, /*share=*/false);
  const Batch batch = batch_of(bounds);
  Listing listing(/*row_by_row=*/shape.kind == ModelKind::kSeq2Seq);
  dry_pass<float>(*model, dataset, 1, /*dropout=*/false,
                  [&](PassContext<float> context, FlatBuffer<float> flat) {
                    context.observer = &listing;
                    const Answers<float> answers = model->forward(context, batch, flat);
                    model->backward(context, batch, flat, answers.logits, flat);
                  });
  return listing.all;
}

template <class T>
ActivationCopy<T>::ActivationCopy(const std::shared_ptr<Backend>& backend,
                                  const ActivationInfo& info, std::int64_t rows)
    : backend_(backend),
      info_(info),
      rows_(rows),
      copies_(backend, 2 * info.positions * rows * info.width) {
  backend->clear(copies_.data(), static_cast<std::size_t>(copies_.size()) * sizeof(T));
}

template <class T>
Matrices<T> ActivationCopy<T>::place(std::int64_t copy) const {
  const std::int64_t count = info_.positions * rows_;
  return contiguous(copies_.data() + copy * count * info_.width, 1, count, info_.width);
}

// The op that copies rows which do not lie one after the other is the one that adds them up.
template <class T>
void ActivationCopy<T>::activation(const ActivationName& name, Matrices<const T> values) {
  if (name.text() == info_.name) ops_->add(values, place(0));
}

template <class T>
void ActivationCopy<T>::gradient(const ActivationName& name, Matrices<const T> values) {
  if (name.text() == info_.name) ops_->add(values, place(1));
}

template <class T>
void ActivationCopy<T>::download(T* values, T* gradients) const {
  download_copy(0, values);
  if (gradients != nullptr) download_copy(1, gradients);
}

/// Rows of all positions, from whichever order they lie in.
template <class T>
void ActivationCopy<T>::download_copy(std::int64_t copy, T* to) const {
  const Matrices<T> from = place(copy);
  std::vector<T> host(static_cast<std::size_t>(from.rows * from.cols));
  backend_->download(host.data(), from.data, host.size() * sizeof(T));
  if (info_.row_by_row) {
    std::ranges::copy(host, to);
    return;
  }
  for (std::int64_t i = 0; i < rows_; ++i) {
    for (std::int64_t t = 0; t < info_.positions; ++t) {
      std::copy_n(host.data() + (t * rows_ + i) * info_.width, info_.width,
                  to + (i * info_.positions + t) * info_.width);
    }
  }
}

template class ActivationCopy<float>;
template class ActivationCopy<double>;

}  // namespace groklab
