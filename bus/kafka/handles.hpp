// librdkafka's objects, each destroyed by its own function.

#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>

namespace bus::kafka {

template <auto destroy>
struct Destroy {
    template <class T>
    void operator()(T* object) const {
        destroy(object);
    }
};

template <class T, auto destroy>
using Handle = std::unique_ptr<T, Destroy<destroy>>;

using Configuration = Handle<rd_kafka_conf_t, rd_kafka_conf_destroy>;
using Client = Handle<rd_kafka_t, rd_kafka_destroy>;
using Queue = Handle<rd_kafka_queue_t, rd_kafka_queue_destroy>;
using TopicHandle = Handle<rd_kafka_topic_t, rd_kafka_topic_destroy>;
using PartitionList =
    Handle<rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy>;
using GroupMetadata =
    Handle<rd_kafka_consumer_group_metadata_t, rd_kafka_consumer_group_metadata_destroy>;
using Event = Handle<rd_kafka_event_t, rd_kafka_event_destroy>;
using Fault = Handle<rd_kafka_error_t, rd_kafka_error_destroy>; // Empty: no error.
using NewTopic = Handle<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy>;
using AdminOptions = Handle<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy>;
using Metadata = Handle<const rd_kafka_metadata_t, rd_kafka_metadata_destroy>;
using GroupList = Handle<const rd_kafka_group_list, rd_kafka_group_list_destroy>;

// A consumer that ends without leaving its group or waiting for anything. (A close can block
// on a live reference and, for a member of a group, waits for the rebalance.)
struct DestroyAtOnce {
    void operator()(rd_kafka_t* client) const {
        rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    }
};
using Consumer = std::unique_ptr<rd_kafka_t, DestroyAtOnce>;

inline std::string text(rd_kafka_resp_err_t code) { return rd_kafka_err2str(code); }
inline std::string text(const Fault& fault) {
    return fault ? rd_kafka_error_string(fault.get()) : "no error";
}

} // namespace bus::kafka
