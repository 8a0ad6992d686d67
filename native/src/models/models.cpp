#include "models/models.h"

#include "core/error.h"
#include "models/cnn.h"
#include "models/dense.h"
#include "models/lstm.h"
#include "models/mlp.h"
#include "models/seq2seq.h"
#include "models/transformer.h"

namespace groklab {

template <class T>
std::unique_ptr<Model<T>> make_model(const ModelShape& shape) {
  switch (shape.kind) {
    case ModelKind::kTransformer:
      return make_transformer<T>(shape);
    case ModelKind::kMlp:
      return make_mlp<T>(shape);
    case ModelKind::kLstm:
      return make_lstm<T>(shape);
    case ModelKind::kDense:
      return make_dense<T>(shape);
    case ModelKind::kCnn:
      return make_cnn<T>(shape);
    case ModelKind::kSeq2Seq:
      return make_seq2seq<T>(shape);
  }
  throw Error(Status::kInternalError, "no such kind of model");
}

template std::unique_ptr<Model<float>> make_model(const ModelShape&);
template std::unique_ptr<Model<double>> make_model(const ModelShape&);

}  // namespace groklab
