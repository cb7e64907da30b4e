// Names the calling thread, as `top -H`, `perf` and debuggers show it.

#pragma once

#include <algorithm>
#include <pthread.h>
#include <string>

namespace projections {

inline void name_thread(std::string name) {
    name.resize(std::min<std::size_t>(name.size(), 15)); // The kernel keeps no more.
    pthread_setname_np(pthread_self(), name.c_str());
}

} // namespace projections
