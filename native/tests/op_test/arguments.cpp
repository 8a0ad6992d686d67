#include "op_test/arguments.h"

#include <array>
#include <cstring>
#include <limits>
#include <utility>

namespace groklab::test {
namespace {

// Guards of real numbers are NaN in one layout, so that reading one shows in the result as well,
// and a large number in the other, so that adding to one shows, which NaN would swallow.
constexpr auto kNanGuard = std::byte{0xFF};
constexpr auto kFiniteGuard = std::byte{0x5A};
// As an index this is far outside of everything; −1 would be a legal path entry.
constexpr auto kIndexGuard = std::byte{0x7F};
constexpr std::int64_t kGuardElements = 16;

template <class T>
std::int64_t element_size(Element element) {
  switch (element) {
    case Element::kReal:
      return sizeof(T);
    case Element::kDouble:
      return sizeof(double);
    case Element::kIndex:
      return sizeof(std::int32_t);
    case Element::kCursor:
      return sizeof(std::int64_t);
    case Element::kDropoutKey:
      return sizeof(DropoutKey);
    case Element::kOptimizerStep:
      return sizeof(OptimizerStep);
  }
  return 0;
}

template <class E>
void store(std::byte* to, const E& value) {
  std::memcpy(to, &value, sizeof(E));
}

template <class E>
E load(const std::byte* from) {
  E value;
  std::memcpy(&value, from, sizeof(E));
  return value;
}

OptimizerStep optimizer_step(const double* values) {
  const Optimizer optimizer{.kind = static_cast<OptimizerKind>(values[0]),
                            .nesterov = values[1] != 0,
                            .centered = values[2] != 0,
                            .beta1 = values[3],
                            .beta2 = values[4],
                            .alpha = values[5],
                            .momentum = values[6],
                            .epsilon = values[7],
                            .weight_decay = values[8],
                            .clip_norm = values[9]};
  return {optimizer, static_cast<std::int64_t>(values[10]), values[11]};
}

template <class T>
void encode(Element element, const double* values, std::byte* to) {
  switch (element) {
    case Element::kReal:
      return store(to, static_cast<T>(values[0]));
    case Element::kDouble:
      return store(to, values[0]);
    case Element::kIndex:
      return store(to, static_cast<std::int32_t>(values[0]));
    case Element::kCursor:
      return store(to, static_cast<std::int64_t>(values[0]));
    case Element::kDropoutKey:
      return store(to, DropoutKey{static_cast<std::uint64_t>(values[0]),
                                  static_cast<std::int64_t>(values[1]), values[2]});
    case Element::kOptimizerStep:
      return store(to, optimizer_step(values));
  }
}

/// Value of a number in memory; structs are never outputs and have none.
template <class T>
double decode(Element element, const std::byte* from) {
  switch (element) {
    case Element::kReal:
      return static_cast<double>(load<T>(from));
    case Element::kIndex:
      return load<std::int32_t>(from);
    case Element::kCursor:
      return static_cast<double>(load<std::int64_t>(from));
    case Element::kDouble:
      return load<double>(from);
    case Element::kDropoutKey:
    case Element::kOptimizerStep:
      break;
  }
  return 0;
}

/// Calls visit(replica, offset in elements, number of the element) for every element of a slot.
template <class Slot, class Visit>
void for_each_element(const Slot& slot, Visit visit) {
  std::int64_t number = 0;
  for (std::int64_t r = 0; r < slot.tensor.replicas; ++r) {
    for (std::int64_t i = 0; i < slot.tensor.rows; ++i) {
      for (std::int64_t j = 0; j < slot.tensor.cols; ++j) {
        visit(r, slot.begin + r * slot.replica_stride + i * slot.row_stride + j, number++);
      }
    }
  }
}

}  // namespace

template <class T>
Arguments<T>::Arguments(std::shared_ptr<Backend> backend, const std::vector<Tensor>& tensors,
                        Layout layout)
    : backend_(std::move(backend)), layout_(layout) {
  for (const Tensor& tensor : tensors) slots_.push_back(place(backend_, tensor, layout));
  reset();
}

template <class T>
typename Arguments<T>::Slot Arguments<T>::place(const std::shared_ptr<Backend>& backend,
                                                const Tensor& tensor, Layout layout) {
  const bool strided = layout == Layout::kStrided;
  Slot slot;
  slot.tensor = tensor;
  slot.element_size = element_size<T>(tensor.element);
  slot.row_stride = tensor.cols + (strided ? 5 : 0);
  slot.replica_stride = tensor.rows * slot.row_stride + (strided ? 3 : 0);
  slot.begin = kGuardElements + (strided ? 1 : 0);
  const std::int64_t elements = slot.begin + tensor.replicas * slot.replica_stride + kGuardElements;

  const bool real = tensor.element == Element::kReal || tensor.element == Element::kDouble;
  slot.before.assign(static_cast<std::size_t>(elements * slot.element_size), !real ? kIndexGuard
                                                                             : strided
                                                                                 ? kFiniteGuard
                                                                                 : kNanGuard);
  std::array<double, fields(Element::kOptimizerStep)> nothing{};  // the most that any element has
  nothing.fill(std::numeric_limits<double>::quiet_NaN());
  for_each_element(slot, [&](std::int64_t, std::int64_t offset, std::int64_t number) {
    std::byte* to = slot.before.data() + offset * slot.element_size;
    if (tensor.role == Role::kOutput || tensor.role == Role::kScratch) {
      // Integers have no NaN; their guard value tells as much.
      if (real) encode<T>(tensor.element, nothing.data(), to);
    } else {
      encode<T>(tensor.element, tensor.values.data() + number * fields(tensor.element), to);
    }
  });
  slot.memory = DeviceArray<std::byte>(backend, elements * slot.element_size);
  return slot;
}

template <class T>
void Arguments<T>::add_scratch(std::int64_t size) {
  slots_.push_back(place(backend_, shared(scratch("scratch", 1, 1, size)), layout_));
  has_scratch_ = true;
  const Slot& slot = slots_.back();
  backend_->upload(slot.memory.data(), slot.before.data(), slot.before.size());
}

template <class T>
void Arguments<T>::reset() {
  for (const Slot& slot : slots_) {
    backend_->upload(slot.memory.data(), slot.before.data(), slot.before.size());
  }
}

template <class T>
Results Arguments<T>::collect(std::vector<std::string>& faults) const {
  Results results;
  for (const Slot& slot : slots_) {
    std::vector<std::byte> after(slot.before.size());
    backend_->download(after.data(), slot.memory.data(), after.size());
    std::vector<double> values(
        static_cast<std::size_t>(slot.tensor.replicas * slot.tensor.rows * slot.tensor.cols));
    // What a call may write is copied into the image from before it; the rest must be equal.
    std::vector<std::byte> expected = slot.before;
    const auto size = static_cast<std::size_t>(slot.element_size);
    for_each_element(slot, [&](std::int64_t r, std::int64_t offset, std::int64_t number) {
      const std::byte* element = after.data() + offset * slot.element_size;
      values[static_cast<std::size_t>(number)] = decode<T>(slot.tensor.element, element);
      if (!slot.tensor.writable(r)) return;
      std::memcpy(expected.data() + offset * slot.element_size, element, size);
    });
    for (std::size_t at = 0; at < after.size(); at += size) {
      if (std::memcmp(after.data() + at, expected.data() + at, size) == 0) continue;
      faults.push_back("wrote what it must not, at element " +
                       std::to_string(static_cast<std::int64_t>(at / size) - slot.begin) +
                       " of the memory of " + slot.tensor.name);
      break;
    }
    results.push_back(std::move(values));
  }
  return results;
}

template class Arguments<float>;
template class Arguments<double>;

}  // namespace groklab::test
