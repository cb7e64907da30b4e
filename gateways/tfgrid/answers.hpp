// Reading what the sidecar says. Everything here throws Unreadable for what is not as the protocol
// has it.

#pragma once

#include "gateways/tfgrid/translate.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace gateways::tfgrid {

struct Unreadable {
    std::string what;
};

struct GridError {
    std::string code;
    std::string message;
    bool retryable = false;

    std::string text() const { return code + ": " + message; }
};

// What can be done about an error.
enum class Sort {
    again,       // Nobody has to do anything.
    wallet,      // The wallet is empty.
    unreachable, // The node does not answer.
    unfit,       // The node will never do it.
    failed,      // Not here, and not now.
    refused,     // Not like this.
    broken,      // Something is wrong that a person has to mend.
};
Sort sort_of(const GridError& error);

GridError error_in(const boost::json::object& body);

// Of a field that may be null.
std::optional<std::int64_t> number_in(const boost::json::object& all, std::string_view name);
std::optional<std::string> text_in(const boost::json::object& all, std::string_view name);
const boost::json::object& object_in(const boost::json::object& all, std::string_view name);
const boost::json::array& list_in(const boost::json::object& all, std::string_view name);
std::string state_in(const boost::json::object& all);
std::vector<std::string> texts_in(const boost::json::object& all, std::string_view name);

// The one that stands for all of a machine, or of a name: the others go with it. The first one
// when that is not (any more) among them.
std::optional<std::int64_t> main_contract(const boost::json::object& all, std::string_view kind);

// How a machine is reached, the best first. Its private address reaches nobody outside.
domain::WorkloadAccess access_in(const boost::json::object& deployment);

} // namespace gateways::tfgrid
