// The border: no exception leaves the library. Failures become a status and this thread's message.
#pragma once

#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <system_error>

#include "core/error.h"
#include "groklab/groklab.h"

namespace groklab::abi {

/// Sets the calling thread's message; never throws.
void set_last_error(std::string_view message) noexcept;

/// The calling thread's message.
const char* last_error() noexcept;

/// Runs f and turns what it throws into a status.
template <class F>
groklab_status guarded(F&& f) noexcept {
  try {
    f();
    return GROKLAB_OK;
  } catch (const Error& error) {
    set_last_error(error.what());
    return static_cast<groklab_status>(error.status());
  } catch (const std::bad_alloc&) {
    set_last_error("out of memory: the host could not give what this call needed");
    return GROKLAB_OUT_OF_MEMORY;
  } catch (const std::system_error& error) {
    set_last_error(std::string_view(error.what()));
    return GROKLAB_OUT_OF_MEMORY;  // threads are the only system resource that is asked for
  } catch (const std::exception& error) {
    set_last_error(error.what());
    return GROKLAB_INTERNAL_ERROR;
  } catch (...) {
    set_last_error("an unknown fault inside the library");
    return GROKLAB_INTERNAL_ERROR;
  }
}

}  // namespace groklab::abi
