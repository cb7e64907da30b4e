// A log with one resource of every kind, told by the stored example of its first event.

#pragma once

#include "bus/embedded/embedded.hpp"
#include "gateways/market_registry.hpp"
#include "projections/chain.hpp"
#include "schemas/envelope.hpp"
#include "schemas/messages.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

namespace tests {

// By the aggregate's name: whose it is, empty when nobody's. Each is "<aggregate>-1" in `tenant`.
using SeededOwners = std::map<std::string, std::string, std::less<>>;

inline SeededOwners seed_log(const std::filesystem::path& folder, int partitions,
                             std::string_view tenant) {
    bus::embedded::Options options;
    options.folder = folder;
    options.partitions = partitions;
    const auto log = bus::embedded::open(options);
    std::vector<projections::ChainHash> heads(static_cast<std::size_t>(partitions));
    SeededOwners owners;
    bus::Transaction transaction;
    boost::mp11::mp_for_each<
        boost::mp11::mp_transform<boost::mp11::mp_identity, schemas::Aggregates>>([&](auto type) {
        using Domain = typename decltype(type)::type;
        const std::string name{Domain::name};
        const std::string first{std::variant_alternative_t<0, typename Domain::Event>::type};
        std::ifstream file{SOURCE_DIR "/schemas/examples/" + first + ".json"};
        const std::string text{std::istreambuf_iterator<char>{file}, {}};
        schemas::EnvelopeReader reader;
        schemas::EventView event = reader.event(text).value();
        const auto state = gateways::market_registry().named(name)->fresh();
        state->evolve(event.type, event.data).value();
        owners[name] = state->owner();

        const std::string stream = name + "-1", command = "seed/" + name, id = command + ".1";
        const int partition = bus::partition_of(stream, partitions);
        auto& head = heads[static_cast<std::size_t>(partition)];
        const projections::ChainHash previous = head;
        event.id = id;
        event.command = command;
        event.stream = stream;
        event.sequence = 1;
        event.tenant = tenant;
        event.previous = previous.text();
        std::string record;
        schemas::write_event(event, simdjson::minify(event.data), record);
        head = projections::chain_hash(record);
        transaction.append(bus::Topic::events, partition, stream, record);
    });
    log->append(transaction);
    return owners;
}

} // namespace tests
