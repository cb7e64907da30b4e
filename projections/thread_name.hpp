// Names the calling thread, as `top -H`, `perf` and debuggers show it, and says how far it gives
// way to others.

#pragma once

#include <algorithm>
#include <pthread.h>
#include <string>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace projections {

// `nice`: 0 as others, up to 19.
inline void name_thread(std::string name, int nice = 0) {
    name.resize(std::min<std::size_t>(name.size(), 15)); // The kernel keeps no more.
    pthread_setname_np(pthread_self(), name.c_str());
    if (nice > 0) setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), nice);
}

} // namespace projections
