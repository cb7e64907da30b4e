// What the kernel tells about another process.

#pragma once

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace bench {

// CPU time used so far by all threads of a process, seconds, in steps of 10 ms.
inline double cpu_seconds(int pid) {
    std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
    std::string line;
    if (!std::getline(file, line)) throw std::runtime_error{"no process " + std::to_string(pid)};
    // The second field is the name in parentheses and may hold anything; utime and stime are
    // the 14th and 15th.
    std::istringstream fields{line.substr(line.rfind(')') + 1)};
    std::string skipped;
    for (int i = 3; i < 14; ++i)
        fields >> skipped;
    double user = 0, system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

// A line of /proc/PID/status in MB (10^6 bytes): "VmRSS" what is resident, "VmHWM" its peak.
inline double memory_mb(int pid, const std::string& name) {
    std::ifstream file{"/proc/" + std::to_string(pid) + "/status"};
    for (std::string line; std::getline(file, line);)
        if (line.starts_with(name + ":")) return std::stod(line.substr(name.size() + 1)) * 1024e-6;
    throw std::runtime_error{"no process " + std::to_string(pid)};
}

} // namespace bench
