// Kernels with known answers: integers, bits, conversions, shuffles, votes, atomics, barriers,
// local arrays, calls, every width of memory access.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <numeric>

#include "support.h"

namespace {

__host__ __device__ std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdULL;
  x ^= x >> 29;
  return x * 0xc4ceb9fe1a85ec53ULL;
}

// ---------------------------------------------------------------- integers, by the host's own

__host__ __device__ std::uint64_t integer_step(int which, std::uint64_t a, std::uint64_t b) {
  const auto sa = static_cast<std::int64_t>(a);
  const auto sb = static_cast<std::int64_t>(b | 1);
  const auto wa = static_cast<std::uint32_t>(a);
  const auto wb = static_cast<std::uint32_t>(b);
  const auto swa = static_cast<std::int32_t>(wa);
  const auto swb = static_cast<std::int32_t>(wb | 1);
  switch (which) {
    case 0:
      return static_cast<std::uint64_t>(sa / sb);
    case 1:
      return static_cast<std::uint64_t>(sa % sb);
    case 2:
      return a / (b | 1) + a % (b | 3);
    case 3:
      return static_cast<std::uint64_t>(static_cast<std::int64_t>(swa) / swb) + wa / (wb | 1);
    case 4:
      return static_cast<std::uint64_t>(static_cast<std::int64_t>(swa % swb)) ^ wa % (wb | 1);
    case 5:
      return static_cast<std::uint64_t>(sa >> (wb & 63)) + (a >> (wb & 63)) + (a << (wa & 63));
    case 6:
      return static_cast<std::uint64_t>(static_cast<std::int64_t>(swa) * swb);
    case 7:
      return static_cast<std::uint64_t>(wa) * wb + a * b;
    case 8:
      return static_cast<std::uint64_t>(static_cast<std::int16_t>(a)) * 3 +
             static_cast<std::uint8_t>(b) + static_cast<std::uint64_t>(static_cast<std::int8_t>(b));
    case 9:
      return (a & b) | (~a & wb) | ((a ^ b) << 7);
    case 10:
      return static_cast<std::uint64_t>(sa < sb ? sa : sb) + (wa > wb ? wa : wb) + (a != b ? 5 : 9);
    case 11:
      return static_cast<std::uint64_t>(swa < 0 ? -static_cast<std::int64_t>(swa) : swa);
    case 12:
      return static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<double>(sa >> 2))) +
             wa % 10 + a % 1000000007;
    default:
      return static_cast<std::uint64_t>(static_cast<float>(wb)) + (wb >> 3) / 7;
  }
}

constexpr int kIntegerSteps = 14;

__global__ void integers(std::uint64_t* results) {
  const int which = static_cast<int>(blockIdx.x);
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < 20; ++i) {
    const std::uint64_t a = mix(i * 64 + threadIdx.x + 1);
    const std::uint64_t b = mix(a + 77) >> (i % 3 * 20);
    sum = mix(sum ^ integer_step(which, a, b));
  }
  results[blockIdx.x * blockDim.x + threadIdx.x] = sum;
}

void test_integers() {
  const test::DeviceArray<std::uint64_t> results(kIntegerSteps * 64);
  integers<<<kIntegerSteps, 64>>>(results.data());
  const auto found = results.get();
  for (std::size_t n = 0; n < found.size(); ++n) {
    const int which = static_cast<int>(n / 64);
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < 20; ++i) {
      const std::uint64_t a = mix(i * 64 + n % 64 + 1);
      const std::uint64_t b = mix(a + 77) >> (i % 3 * 20);
      sum = mix(sum ^ integer_step(which, a, b));
    }
    if (found[n] == sum) continue;
    ++test::failures;
    std::printf("integer step %d of thread %zu differs\n", which, n % 64);
  }
}

// ---------------------------------------------------------------- what only the device has

__global__ void device_integers(std::uint64_t a, std::uint64_t b, std::uint64_t* r) {
  const auto w = static_cast<std::uint32_t>(a);
  r[0] = __umulhi(w, 0xD2511F53U);
  r[1] = __umul64hi(a, b);
  r[2] =
      static_cast<std::uint64_t>(__mul64hi(static_cast<long long>(a), static_cast<long long>(b)));
  r[3] = static_cast<std::uint64_t>(__popc(w) + __popcll(a));
  r[4] = static_cast<std::uint64_t>(__clz(static_cast<int>(w >> 5)) +
                                    __clzll(static_cast<long long>(a >> 9)));
  r[5] = static_cast<std::uint64_t>(__ffs(static_cast<int>(w << 4)) +
                                    __ffsll(static_cast<long long>(a << 17)));
  r[6] = __brev(w);
  r[7] = __brevll(a);
  r[8] = __byte_perm(w, static_cast<std::uint32_t>(b), 0x7531);
  r[9] = __funnelshift_l(w, static_cast<std::uint32_t>(b), 13);
  r[10] = __funnelshift_r(w, static_cast<std::uint32_t>(b), 45);
  r[11] = static_cast<std::uint64_t>(__float2int_rn(2.5F) + 10 * __float2int_rz(-2.7F) +
                                     100 * __float2int_rd(-2.1F) + 1000 * __float2int_ru(2.1F));
  r[12] = static_cast<std::uint64_t>(__double2ll_rn(-3.5)) + __float2uint_rz(-1.0F);
  r[13] = __float_as_uint(__fadd_rz(1.0F, 3e-8F)) + __float_as_uint(__fadd_ru(1.0F, 1e-9F));
  r[14] = __float_as_uint(__double2float_rd(0.1)) - __float_as_uint(__double2float_ru(0.1));
  r[15] = __float_as_uint(__fmul_rd(1.1F, 1.1F)) - __float_as_uint(__fmul_ru(1.1F, 1.1F));
  r[16] = __float_as_uint(__saturatef(-0.5F)) + __float_as_uint(__saturatef(7.0F));
  r[17] = static_cast<std::uint64_t>(__double_as_longlong(__dsqrt_rn(2.0)));
}

void test_device_integers() {
  const std::uint64_t a = 0x9e3779b97f4a7c15ULL;
  const std::uint64_t b = 0xc2b2ae3d27d4eb4fULL;
  const test::DeviceArray<std::uint64_t> results(18);
  device_integers<<<1, 1>>>(a, b, results.data());
  const auto r = results.get();
  const auto w = static_cast<std::uint32_t>(a);
  const auto v = static_cast<std::uint32_t>(b);
  __extension__ using Wide = __int128;
  __extension__ using UnsignedWide = unsigned __int128;
  CHECK(r[0] == (std::uint64_t{w} * 0xD2511F53U) >> 32);
  CHECK(r[1] == static_cast<std::uint64_t>((UnsignedWide{a} * b) >> 64));
  CHECK(r[2] == static_cast<std::uint64_t>(
                    (Wide{static_cast<std::int64_t>(a)} * static_cast<std::int64_t>(b)) >> 64));
  CHECK(r[3] == static_cast<std::uint64_t>(__builtin_popcount(w) + __builtin_popcountll(a)));
  CHECK(r[4] == static_cast<std::uint64_t>(__builtin_clz(w >> 5) + __builtin_clzll(a >> 9)));
  CHECK(r[5] == static_cast<std::uint64_t>(__builtin_ffs(static_cast<int>(w << 4)) +
                                           __builtin_ffsll(static_cast<long long>(a << 17))));
  std::uint32_t reversed = 0;
  for (int i = 0; i < 32; ++i) reversed |= (w >> i & 1) << (31 - i);
  CHECK(r[6] == reversed);
  CHECK((r[7] & 0xffffffff) != 0 && r[7] >> 32 == reversed);
  CHECK(r[8] == ((w >> 8 & 0xff) | (w >> 24) << 8 | (v >> 8 & 0xff) << 16 | (v >> 24) << 24));
  CHECK(r[9] == static_cast<std::uint32_t>(v << 13 | w >> 19));
  CHECK(r[10] == static_cast<std::uint32_t>((std::uint64_t{v} << 32 | w) >> 13));
  CHECK(static_cast<std::int64_t>(r[11]) == 2 - 20 - 300 + 3000);
  CHECK(static_cast<std::int64_t>(r[12]) == -4);
  CHECK(r[13] == 0x3f800000ULL + 0x3f800001ULL);
  CHECK(r[14] == 0xffffffff);
  CHECK(r[15] == 0xffffffff);
  CHECK(r[16] == 0x3f800000);
  CHECK(r[17] == 0x3ff6a09e667f3bcdULL);
}

// ---------------------------------------------------------------- lanes together

__global__ void lanes(const int* x, int* y) {
  const unsigned lane = threadIdx.x % 32;
  const int value = x[threadIdx.x];
  int* out = y + threadIdx.x * 12;
  out[0] = __shfl_sync(0xffffffff, value, 5);
  out[1] = __shfl_up_sync(0xffffffff, value, 3);
  out[2] = __shfl_down_sync(0xffffffff, value, 3, 8);
  out[3] = __shfl_xor_sync(0xffffffff, value, 9);
  out[4] = static_cast<int>(__ballot_sync(0xffffffff, value % 3 == 0));
  out[5] = __any_sync(0xffffffff, value == 1) * 2 + __all_sync(0xffffffff, value > 0);
  out[6] = static_cast<int>(__match_any_sync(0xffffffff, value % 4));
  out[7] = static_cast<int>(__activemask());
  if (lane % 2 == 0) {
    out[8] = __shfl_sync(0x55555555, value, static_cast<int>(lane) ^ 2);
  } else {
    out[8] = __shfl_sync(0xaaaaaaaa, value, 1, 4);
  }
  double wide = value + 0.5;
  for (int offset = 16; offset > 0; offset /= 2) wide += __shfl_xor_sync(0xffffffff, wide, offset);
  out[9] = static_cast<int>(wide);
  int same = 0;
  const unsigned all = __match_all_sync(0xffffffff, threadIdx.x / 32, &same);
  out[10] = same + static_cast<int>(all & 6);
  out[11] = static_cast<int>(lane);
}

void test_lanes() {
  std::vector<int> x(64);
  for (int i = 0; i < 64; ++i) x[static_cast<std::size_t>(i)] = i * 7 % 31 + 1;
  const test::DeviceArray<int> input(x);
  const test::DeviceArray<int> output(64 * 12);
  lanes<<<1, 64>>>(input.data(), output.data());
  const std::vector<int> y = output.get();
  for (int i = 0; i < 64; ++i) {
    const int base = i / 32 * 32;
    const int lane = i % 32;
    const auto at = [&](int l) { return x[static_cast<std::size_t>(base + l)]; };
    const int* out = y.data() + i * 12;
    unsigned multiples = 0;
    unsigned alike = 0;
    int sum = 16;
    bool any = false;
    for (int l = 0; l < 32; ++l) {
      multiples |= static_cast<unsigned>(at(l) % 3 == 0) << l;
      alike |= static_cast<unsigned>(at(l) % 4 == at(lane) % 4) << l;
      sum += at(l);
      any = any || at(l) == 1;
    }
    CHECK(out[0] == at(5));
    CHECK(out[1] == at(lane < 3 ? lane : lane - 3));
    CHECK(out[2] == at(lane % 8 > 4 ? lane : lane + 3));
    CHECK(out[3] == at(lane ^ 9));
    CHECK(static_cast<unsigned>(out[4]) == multiples);
    CHECK(out[5] == (any ? 3 : 1));
    CHECK(static_cast<unsigned>(out[6]) == alike);
    CHECK(out[7] == -1);
    CHECK(out[8] == (lane % 2 == 0 ? at(lane ^ 2) : at(lane / 4 * 4 + 1)));
    CHECK(out[9] == sum);
    CHECK(out[10] == 7);
    CHECK(out[11] == lane);
  }
}

// ---------------------------------------------------------------- blocks, barriers, atomics

struct Many {
  float factors[6];
  int count;
  long long offset;
};

__constant__ int table[8] = {3, 1, 4, 1, 5, 9, 2, 6};
__device__ int counter = 40;

__device__ __noinline__ double scaled(double x, int n) { return n > 2 ? x * n : x - n; }

__device__ __noinline__ int outer(int x) { return static_cast<int>(scaled(x, x % 5)) + 1; }

__global__ void __launch_bounds__(96)
    blocks(Many many, int* sums, float* y, unsigned long long* wide, unsigned char* bytes) {
  __shared__ int total;
  __shared__ unsigned long long wide_total;
  __shared__ short shorts[96];
  extern __shared__ float dynamic[];
  const int thread =
      static_cast<int>(threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z));
  const int block =
      static_cast<int>(blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z));
  if (thread == 0) {
    total = 0;
    wide_total = 0;
  }
  dynamic[thread] = many.factors[thread % 6];
  shorts[thread] = static_cast<short>(-thread);
  __syncthreads();
  atomicAdd(&total, thread);
  atomicMax(&wide_total, static_cast<unsigned long long>(thread) << 33);
  const int even = __syncthreads_count(thread % 2 == 0);
  const bool all = __syncthreads_and(thread < 96);
  const bool any = __syncthreads_or(thread == 95);
  float local[6];
  for (int i = 0; i < 6; ++i) local[(i * 5) % 6] = dynamic[(thread + i) % 96];
  float sum = 0;
  for (int i = 0; i < many.count; ++i) sum += local[(i + thread) % 6] + many.factors[i % 6];
  y[block * 96 + thread] = sum + static_cast<float>(outer(thread));
  bytes[block * 96 + thread] = static_cast<unsigned char>(shorts[95 - thread] + table[thread % 8]);
  if (thread == 0) {
    sums[block] = total + 10000 * even + (all ? 1000000 : 0) + (any ? 2000000 : 0);
    wide[block] = wide_total + static_cast<unsigned long long>(many.offset);
  }
  atomicAdd(&counter, 1);
}

__global__ void read_counter(int* y) { y[0] = counter; }

void test_blocks() {
  const Many many{{0.5F, 1.5F, 2.5F, 3.5F, 4.5F, 5.5F}, 4, 123456789012LL};
  const dim3 grid(2, 3, 2);
  const test::DeviceArray<int> sums(12);
  const test::DeviceArray<float> y(12 * 96);
  const test::DeviceArray<unsigned long long> wide(12);
  const test::DeviceArray<unsigned char> bytes(12 * 96);
  const test::DeviceArray<int> count(1);
  blocks<<<grid, dim3(4, 8, 3), 96 * sizeof(float)>>>(many, sums.data(), y.data(), wide.data(),
                                                      bytes.data());
  read_counter<<<1, 1>>>(count.data());
  for (const int sum : sums.get()) CHECK(sum == 95 * 96 / 2 + 48 * 10000 + 3000000);
  for (const auto value : wide.get()) CHECK(value == (95ULL << 33) + 123456789012ULL);
  CHECK(count.get()[0] == 40 + 12 * 96);
  const auto values = y.get();
  const auto small = bytes.get();
  const int digits[] = {3, 1, 4, 1, 5, 9, 2, 6};
  for (int n = 0; n < 12 * 96; ++n) {
    const int thread = n % 96;
    float local[6];
    for (int i = 0; i < 6; ++i) local[(i * 5) % 6] = many.factors[(thread + i) % 96 % 6];
    float sum = 0;
    for (int i = 0; i < 4; ++i) sum += local[(i + thread) % 6] + many.factors[i];
    const int mod = thread % 5;
    sum += static_cast<float>((mod > 2 ? thread * mod : thread - mod) + 1);
    CHECK(values[static_cast<std::size_t>(n)] == sum);
    CHECK(small[static_cast<std::size_t>(n)] ==
          static_cast<unsigned char>(digits[thread % 8] - (95 - thread)));
  }
}

// ---------------------------------------------------------------- loops, switches, widths

__global__ void collatz(const int* x, int* y, int n) {
  for (int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x); i < n;
       i += static_cast<int>(gridDim.x * blockDim.x)) {
    int value = x[i];
    int steps = 0;
    while (value != 1) {
      value = value % 2 == 0 ? value / 2 : 3 * value + 1;
      if (++steps > 150) break;
    }
    switch (steps % 9) {
      case 0:
        steps += 1000;
        break;
      case 1:
        steps *= 3;
        break;
      case 2:
        steps -= x[0];
        break;
      case 3:
        steps ^= 0x55;
        break;
      case 4:
        steps = x[i] + 7;
        break;
      case 5:
        steps <<= 2;
        break;
      case 6:
        continue;
      case 7:
        steps = ~steps;
        break;
      default:
        steps /= 3;
        break;
    }
    y[i] = steps;
  }
}

int collatz_of(int x, int first, int before) {
  int value = x;
  int steps = 0;
  while (value != 1) {
    value = value % 2 == 0 ? value / 2 : 3 * value + 1;
    if (++steps > 150) break;
  }
  const int results[] = {steps + 1000, steps * 3, steps - first, steps ^ 0x55, x + 7,
                         steps << 2,   before,    ~steps,        steps / 3};
  return results[steps % 9];
}

void test_control_flow() {
  std::vector<int> x(500);
  std::iota(x.begin(), x.end(), 1);
  const test::DeviceArray<int> input(x);
  const test::DeviceArray<int> output(std::vector<int>(500, -5));
  collatz<<<2, 96>>>(input.data(), output.data(), 500);
  const std::vector<int> y = output.get();
  for (std::size_t i = 0; i < 500; ++i) CHECK(y[i] == collatz_of(x[i], 1, -5));
}

__global__ void widths(const float4* x, float4* y, const double2* d, double2* e, const short2* s,
                       short2* t, volatile int* v) {
  const unsigned i = threadIdx.x;
  const float4 a = x[31 - i];
  y[i] = make_float4(a.w, a.z, a.y, a.x);
  e[i] = make_double2(d[i].y, d[i ^ 1].x);
  t[i] = make_short2(s[i].y, static_cast<short>(s[i].x * 2));
  v[i] = v[i] + 1;
}

void test_widths() {
  std::vector<float> x(128);
  std::vector<double> d(64);
  std::vector<short> s(64);
  std::iota(x.begin(), x.end(), 0.25F);
  std::iota(d.begin(), d.end(), 0.125);
  std::iota(s.begin(), s.end(), static_cast<short>(-30));
  const test::DeviceArray<float> xs(x), ys(128);
  const test::DeviceArray<double> ds(d), es(64);
  const test::DeviceArray<short> ss(s), ts(64);
  const test::DeviceArray<int> vs(std::vector<int>(32, 8));
  widths<<<1, 32>>>(
      reinterpret_cast<const float4*>(xs.data()), reinterpret_cast<float4*>(ys.data()),
      reinterpret_cast<const double2*>(ds.data()), reinterpret_cast<double2*>(es.data()),
      reinterpret_cast<const short2*>(ss.data()), reinterpret_cast<short2*>(ts.data()), vs.data());
  const auto y = ys.get();
  const auto e = es.get();
  const auto t = ts.get();
  for (std::size_t i = 0; i < 32; ++i) {
    for (std::size_t j = 0; j < 4; ++j) CHECK(y[i * 4 + j] == x[(31 - i) * 4 + 3 - j]);
    CHECK(e[i * 2] == d[i * 2 + 1] && e[i * 2 + 1] == d[(i ^ 1) * 2]);
    CHECK(t[i * 2] == s[i * 2 + 1] && t[i * 2 + 1] == s[i * 2] * 2);
  }
  for (const int v : vs.get()) CHECK(v == 9);
}

// ---------------------------------------------------------------- instructions nvcc rarely emits

__global__ void rare(const int* x, unsigned* y) {
  const int v = x[threadIdx.x];
  unsigned r = 0;
  // An indexed branch.
  asm volatile(
      "{ .reg .u32 i; and.b32 i, %1, 3;\n"
      "targets%=: .branchtargets zero%=, one%=, two%=, three%=;\n"
      "brx.idx i, targets%=;\n"
      "zero%=: mov.u32 %0, 10; bra done%=;\n"
      "one%=: mov.u32 %0, 21; bra done%=;\n"
      "two%=: mov.u32 %0, 32; bra done%=;\n"
      "three%=: mov.u32 %0, 43;\n"
      "done%=: }"
      : "+r"(r)
      : "r"(v));
  unsigned field = 0;
  asm("bfe.s32 %0, %1, 3, 5;" : "=r"(field) : "r"(v));
  unsigned inserted = 0;
  asm("bfi.b32 %0, %1, 0, 8, 4;" : "=r"(inserted) : "r"(v));
  unsigned logic = 0;
  asm("lop3.b32 %0, %1, 0xf0f0, 0xff00, 0x96;" : "=r"(logic) : "r"(v));
  unsigned chosen = 0;
  asm("slct.u32.s32 %0, 5, 7, %1;" : "=r"(chosen) : "r"(v - 16));
  unsigned compared = 0;
  asm("set.lt.u32.s32 %0, %1, 9;" : "=r"(compared) : "r"(v));
  y[threadIdx.x * 6] = r;
  y[threadIdx.x * 6 + 1] = field;
  y[threadIdx.x * 6 + 2] = inserted;
  y[threadIdx.x * 6 + 3] = logic;
  y[threadIdx.x * 6 + 4] = chosen;
  y[threadIdx.x * 6 + 5] = compared;
}

void test_rare() {
  std::vector<int> x(32);
  for (int i = 0; i < 32; ++i) x[static_cast<std::size_t>(i)] = i * 11 - 40;
  const test::DeviceArray<int> input(x);
  const test::DeviceArray<unsigned> output(32 * 6);
  rare<<<1, 32>>>(input.data(), output.data());
  const auto y = output.get();
  for (std::size_t i = 0; i < 32; ++i) {
    const auto v = static_cast<unsigned>(x[i]);
    CHECK(y[i * 6] == 10 + 11 * (v & 3));
    CHECK(static_cast<int>(y[i * 6 + 1]) == static_cast<int>(v << 24) >> 27);
    CHECK(y[i * 6 + 2] == (v & 15) << 8);
    CHECK(y[i * 6 + 3] == (v ^ 0xf0f0 ^ 0xff00));
    CHECK(y[i * 6 + 4] == (x[i] >= 16 ? 5U : 7U));
    CHECK(y[i * 6 + 5] == (x[i] < 9 ? ~0U : 0U));
  }
}

}  // namespace

int main() {
  test_integers();
  test_device_integers();
  test_lanes();
  test_blocks();
  test_control_flow();
  test_widths();
  test_rare();
  OK(cudaDeviceSynchronize());
  return test::result();
}
