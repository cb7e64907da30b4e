// Questions to the cluster that need no membership: what is committed, where a partition ends.

#pragma once

#include "bus/kafka/client.hpp"

#include <span>
#include <string>
#include <vector>

namespace bus::kafka {

// What the group has committed for a partition of `commands`.
struct Committed {
    Offset offset = -1; // -1: nothing yet.
    std::string owner;  // The transactional.id of who owns it; empty when it was given back.
};

// Any thread. Every function blocks up to the options' patience, or `at_most`, and then throws
// Error.
class Cluster {
public:
    explicit Cluster(Context& context);

    // Creates what is missing, refuses what is there with another count of partitions, and
    // returns when each partition has a leader.
    void prepare_topics();

    // `uncommitted` answers at once with what was last decided; `committed` waits until an open
    // transaction that holds offsets of these partitions has ended.
    std::vector<Committed> committed(std::span<const int> partitions, Isolation isolation);

    // `uncommitted` is where the next record will stand; `committed` where the first open
    // transaction begins.
    std::vector<Offset> ends(Topic topic, std::span<const int> partitions, Isolation isolation,
                             milliseconds at_most = milliseconds::max());
    std::vector<Offset> begins(Topic topic, std::span<const int> partitions,
                               milliseconds at_most = milliseconds::max());

    bool group_has_members();

    // Ends the transaction that this producer may have left open, and bars it from all further
    // ones. Throws Error when that cannot be made sure.
    void fence(const std::string& transactional_id);

    // Asks for anything at all and notes the answer as the context's trouble.
    void probe(milliseconds patience);

private:
    rd_kafka_t* client(Isolation isolation) const {
        return isolation == Isolation::committed ? committed_.get() : uncommitted_.get();
    }
    std::vector<Offset> offsets_at(Topic topic, std::span<const int> partitions, Offset time,
                                   Isolation isolation, milliseconds at_most);
    int patience() const { return static_cast<int>(context_.options().patience.count()); }

    Context& context_;
    Consumer committed_;
    Consumer uncommitted_;
};

// The partitions of one topic, without offsets.
PartitionList partition_list(const std::string& topic, std::span<const int> partitions);

} // namespace bus::kafka
