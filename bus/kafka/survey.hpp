// What a tool wants to know of a cluster before it opens a log on it. Changes nothing there.

#pragma once

#include "bus/kafka/kafka.hpp"

namespace bus::kafka {

struct Survey {
    int partitions = 0;  // Of the log's topics; 0: there are none with this prefix.
    bool in_use = false; // The group has members: servers run.
    // No transaction is open on any topic, so that nothing can appear behind what is read.
    bool settled = true;
};

// Blocks up to the options' patience, then throws Error. Of the options, partitions and
// replication do not matter.
Survey survey(const Options& options);

} // namespace bus::kafka
