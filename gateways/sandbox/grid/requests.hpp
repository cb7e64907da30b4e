// Reads what the sidecar is asked for, as strictly as the sidecar does. Every reader throws
// Refusal with "validation".

#pragma once

#include "gateways/sandbox/grid/refusal.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateways::sandbox::grid {

// Cores, and whole GiB.
struct Sizes {
    std::int64_t cru = 0, mru = 0, sru = 0, hru = 0, gpus = 0, public_ips = 0;

    friend bool operator==(const Sizes&, const Sizes&) = default;
};
boost::json::object render(const Sizes& is);

// Where the disk space of an order goes: all to the root, or most of it to one disk.
enum class Layout { root, boot, data };

struct DeploymentOrder {
    std::string name;
    std::int64_t node = 0, farm = 0;
    Sizes resources;
    Layout layout = Layout::root;
    bool planetary = false, mycelium = true;
    std::string metadata;
    std::string contents; // The same text for the same request, whatever the order of its fields.
};

struct ChangeOrder {
    std::optional<Sizes> resources; // Of a resize.
    bool allow_root_reset = false;
    std::optional<std::int64_t> version;
    std::string contents;
};

struct NameOrder {
    std::string name;
    std::int64_t node = 0; // 0: any gateway.
    std::vector<std::string> backends;
    bool tls_passthrough = false;
    std::optional<std::int64_t> version; // Of a change.
    std::string contents;
};

DeploymentOrder read_deployment(const boost::json::value& body);
ChangeOrder read_restart(const boost::json::value& body);
ChangeOrder read_resize(const boost::json::value& body);
NameOrder read_name(const boost::json::value& body);
NameOrder read_backends(std::string_view name, const boost::json::value& body);

// Out of paths and queries.
std::string read_path_name(std::string_view text);
std::int64_t read_number(std::string_view text, std::string_view what);

} // namespace gateways::sandbox::grid
