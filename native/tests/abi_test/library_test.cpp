// What the library says of itself, its backends and its random numbers.
#include <cstring>
#include <string>
#include <thread>

#include "abi_test/expect.h"

namespace groklab::test {

TEST(library_describes_itself) {
  CHECK_EQUAL(groklab_abi_number(), static_cast<uint32_t>(GROKLAB_ABI_NUMBER));
  CHECK(std::string(groklab_version()).find('.') != std::string::npos);
  CHECK(!std::string(groklab_build()).empty());
  const std::string description = groklab_abi_description();
  const auto says = [&](const std::string& line) {
    if (description.find(line) == std::string::npos) fail(__FILE__, __LINE__, "missing: " + line);
  };
  says("struct groklab_chunk " + std::to_string(sizeof(groklab_chunk)) + "\n");
  says("field groklab_chunk losses " + std::to_string(offsetof(groklab_chunk, losses)) + " 8 ptr");
  says("field groklab_backend_info name 16 32 char[32]");
  says("function groklab_abi_number u32(");
  says("function groklab_trainer_set_step i32(ptr,u32,i64)");
}

TEST(backends_are_listed) {
  const uint32_t count = groklab_backend_count();
  CHECK(count >= 2);
  bool cpu = false;
  bool naive = false;
  for (uint32_t i = 0; i < count; ++i) {
    groklab_backend_info info{};
    info.struct_size = sizeof info;
    CHECK_OK(groklab_backend_query(i, &info));
    CHECK(info.detail[0] != '\0');
    if (std::strcmp(info.name, "cpu") == 0) cpu = info.usable == 1;
    if (std::strcmp(info.name, "naive") == 0) naive = info.usable == 1;
  }
  CHECK(cpu);
  CHECK(naive);
}

TEST(backend_query_checks_its_arguments) {
  groklab_backend_info info{};
  info.struct_size = sizeof info;
  const uint32_t count = groklab_backend_count();
  CHECK_FAILS(groklab_backend_query(count, &info), GROKLAB_INVALID_ARGUMENT, std::to_string(count));
  CHECK_FAILS(groklab_backend_query(0, nullptr), GROKLAB_INVALID_ARGUMENT, "null");
  info.struct_size = 0;
  CHECK_FAILS(groklab_backend_query(0, &info), GROKLAB_INVALID_ARGUMENT, "struct_size is 0");
  info.struct_size = sizeof info + 1;
  CHECK_FAILS(groklab_backend_query(0, &info), GROKLAB_INVALID_ARGUMENT,
              std::to_string(sizeof info + 1));
  CHECK_EQUAL(info.name[0], '\0');
}

/// A caller compiled against an older, shorter struct gets the fields that it has, and no more.
TEST(shorter_structs_are_filled_as_far_as_they_reach) {
  groklab_backend_info info{};
  info.struct_size = 12;
  info.reserved = 0xABCD;
  info.name[0] = 'x';
  CHECK_OK(groklab_backend_query(0, &info));
  CHECK_EQUAL(info.struct_size, 12u);
  CHECK_EQUAL(info.reserved, 0xABCDu);
  CHECK_EQUAL(info.name[0], 'x');
}

TEST(messages_belong_to_threads) {
  groklab_backend_query(0, nullptr);
  const std::string here = groklab_last_error();
  std::string there = "unset";
  std::thread([&] {
    there = groklab_last_error();
    groklab_engine_query(nullptr, nullptr);
  }).join();
  CHECK_EQUAL(there, std::string());
  CHECK_EQUAL(std::string(groklab_last_error()), here);
}

/// Known answers of the Random123 library.
TEST(philox_known_answers) {
  struct Known {
    uint32_t counter[4];
    uint32_t key[2];
    uint32_t out[4];
  };
  const Known known[] = {{{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
                         {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
                          {0xffffffff, 0xffffffff},
                          {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
                         {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                          {0xa4093822, 0x299f31d0},
                          {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}};
  for (const Known& k : known) {
    uint32_t out[4] = {};
    CHECK_OK(groklab_philox(k.counter, k.key, out));
    CHECK(std::memcmp(out, k.out, sizeof out) == 0);
  }
  uint32_t out[4] = {7, 7, 7, 7};
  CHECK_FAILS(groklab_philox(nullptr, known[0].key, out), GROKLAB_INVALID_ARGUMENT, "counter");
  CHECK_FAILS(groklab_philox(known[0].counter, nullptr, out), GROKLAB_INVALID_ARGUMENT, "key");
  CHECK_FAILS(groklab_philox(known[0].counter, known[0].key, nullptr), GROKLAB_INVALID_ARGUMENT,
              "out");
  CHECK_EQUAL(out[0], 7u);
}

}  // namespace groklab::test
