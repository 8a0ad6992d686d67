// Kernels in which the check must find faults; they are compiled for sm_80 alone.

// Ninety-six values are needed until the end, and thirty-two registers are all there are.
__global__ void __launch_bounds__(1024, 2) planted_spill(float* x) {
  float values[96];
#pragma unroll
  for (int i = 0; i < 96; ++i) values[i] = x[i * 1024 + threadIdx.x];
  __syncthreads();
#pragma unroll
  for (int i = 0; i < 96; ++i) x[i * 1024 + threadIdx.x] = values[95 - i] * values[(i * 7) % 96];
}

// Registers have no addresses: an array that is indexed by data lies in local memory.
__global__ void planted_frame(const int* places, int* out) {
  int values[64];
  for (int i = 0; i < 64; ++i) values[places[i] & 63] = i;
  for (int i = 0; i < 64; ++i) out[i] = values[places[64 + i] & 63];
}
