// Library, backends, engines, random numbers.
#include "abi/objects.h"
#include "core/philox.h"

using namespace groklab;
using namespace groklab::abi;

uint32_t groklab_abi_number(void) { return GROKLAB_ABI_NUMBER; }

const char* groklab_version(void) { return GROKLAB_VERSION; }

const char* groklab_build(void) {
#if defined(__clang__)
  return "Clang " __clang_version__ ", " GROKLAB_BUILD_TYPE;
#else
  return "GCC " __VERSION__ ", " GROKLAB_BUILD_TYPE;
#endif
}

const char* groklab_last_error(void) { return last_error(); }

uint32_t groklab_backend_count(void) {
  uint32_t count = 0;
  guarded([&] { count = static_cast<uint32_t>(backend_statuses().size()); });
  return count;
}

groklab_status groklab_backend_query(uint32_t index, groklab_backend_info* info) {
  return guarded([&] {
    const std::vector<BackendStatus> statuses = backend_statuses();
    check_range(index, 0, static_cast<std::int64_t>(statuses.size()) - 1, "index");
    const BackendStatus& status = statuses[index];
    groklab_backend_info out{};
    out.backend = static_cast<uint32_t>(status.kind);
    out.usable = status.usable ? 1 : 0;
    copy_text(out.name, status.name);
    copy_text(out.detail, status.detail);
    write_struct(info, out, "info");
  });
}

groklab_status groklab_engine_create(const groklab_engine_options* options,
                                     groklab_engine** engine) {
  return guarded([&] {
    const groklab_engine_options o = read_struct(options, "options");
    check_not_null(engine, "engine");
    check_range(o.backend, GROKLAB_BACKEND_AUTO, GROKLAB_BACKEND_CHECK, "options.backend");
    check_range(o.threads, 0, 1024, "options.threads");
    check_range(o.reserved, 0, 0, "options.reserved");
    auto object = std::make_shared<EngineObject>();
    object->chosen = make_backend(static_cast<BackendKind>(o.backend), o.threads);
    *engine = engines().put(std::move(object));
  });
}

groklab_status groklab_engine_destroy(groklab_engine* engine) {
  return guarded([&] {
    if (engine != nullptr) engines().take(engine);
  });
}

groklab_status groklab_engine_query(groklab_engine* engine, groklab_engine_info* info) {
  return guarded([&] {
    const auto object = engines().get(engine);
    const BackendDescription description = object->chosen.description();
    groklab_engine_info out{};
    out.backend = static_cast<uint32_t>(object->chosen.kind);
    out.threads = description.threads;
    copy_text(out.backend_name, description.name);
    copy_text(out.instruction_set, description.instruction_set);
    copy_text(out.device, description.device);
    copy_text(out.notice, object->chosen.notice);
    write_struct(info, out, "info");
  });
}

groklab_status groklab_engine_measure_peak(groklab_engine* engine, uint32_t precision,
                                           double seconds, groklab_peak* peak) {
  return guarded([&] {
    const auto object = engines().get(engine);
    check_range(precision, GROKLAB_FP32, GROKLAB_FP64, "precision");
    if (!(seconds >= 0.001 && seconds <= 600)) {
      invalid("seconds is " + text(seconds) + "; allowed are numbers from 0.001 to 600");
    }
    groklab_peak out = read_struct(peak, "peak");
    check_range(out.reserved, 0, 0, "peak.reserved");
    const Peak measured =
        object->chosen.backend->measure_peak(static_cast<Precision>(precision), seconds);
    out.flops = measured.flops;
    out.bytes_per_second = measured.bytes_per_second;
    write_struct(peak, out, "peak");
  });
}

groklab_status groklab_philox(const uint32_t* counter, const uint32_t* key, uint32_t* out) {
  return guarded([&] {
    check_not_null(counter, "counter");
    check_not_null(key, "key");
    check_not_null(out, "out");
    const PhiloxCounter bits =
        philox4x32_10({counter[0], counter[1], counter[2], counter[3]}, {key[0], key[1]});
    std::copy(bits.begin(), bits.end(), out);
  });
}
