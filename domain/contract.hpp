// Contract checks that stay on in release builds: a broken contract is a bug
// in this program, so the only safe answer is to stop before bad data is kept.

#pragma once

#include <cstdio>
#include <cstdlib>
#include <source_location>

namespace domain {

inline void expects(bool holds, const char* promise,
                    std::source_location where = std::source_location::current()) {
    if (holds) [[likely]]
        return;
    std::fprintf(stderr, "%s:%u: broken contract: %s\n", where.file_name(),
                 static_cast<unsigned>(where.line()), promise);
    std::abort();
}

} // namespace domain
