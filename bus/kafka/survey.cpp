#include "bus/kafka/survey.hpp"

#include "bus/kafka/cluster.hpp"

#include <numeric>

namespace bus::kafka {

namespace {

// Asking for all topics: asking for one by its name would create it on brokers that do so.
int partitions_there(Context& context) {
    const Consumer client = make_consumer(*context.callbacks(), Isolation::uncommitted, {});
    const struct rd_kafka_metadata* raw = nullptr;
    const rd_kafka_resp_err_t code = rd_kafka_metadata(
        client.get(), 1, nullptr, &raw, static_cast<int>(context.options().patience.count()));
    const Metadata metadata{raw};
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        throw Error{"Kafka does not answer (" + text(code) +
                    "): are the brokers' addresses right, and do they run?"};
    for (int i = 0; i < metadata->topic_cnt; ++i)
        if (context.topic(Topic::events) == metadata->topics[i].topic)
            return metadata->topics[i].partition_cnt;
    return 0;
}

} // namespace

Survey survey(const Options& options) {
    Context context{options};
    Survey found;
    found.partitions = partitions_there(context);
    if (found.partitions == 0) return found;
    Cluster cluster{context};
    found.in_use = cluster.group_has_members();
    std::vector<int> all(static_cast<std::size_t>(found.partitions));
    std::iota(all.begin(), all.end(), 0);
    for (const Topic topic : {Topic::commands, Topic::events, Topic::parked})
        if (cluster.ends(topic, all, Isolation::committed) !=
            cluster.ends(topic, all, Isolation::uncommitted))
            found.settled = false;
    return found;
}

} // namespace bus::kafka
