// Access is taken away, and given back, at the gateway's name: it is led to a port where nothing
// listens, and back. Without a name there is nothing on the grid that could be closed. The name is
// known by its address, which stays the same through both.

#include "gateways/tfgrid/tasks.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace gateways::tfgrid {

namespace {

namespace json = boost::json;

constexpr std::uint16_t closed_port = 9; // RFC 863: what comes there is thrown away.
constexpr std::uint16_t web_port = 80;

class AccessTask final : public Task {
public:
    AccessTask(const Effect& effect, const Access& what, Progress& progress, const Terms& terms,
               const Standing& standing)
        : Task{effect, progress, terms, standing}, what_{what} {}

    Verdict first() override {
        const bool reachable = std::ranges::any_of(
            what_.workloads, [](const auto& one) { return !one.access.addresses.empty(); });
        if (!reachable) return Conclude{};
        progress_.stage = Stage::listing;
        return Ask{{http::Verb::get, "/v1/contracts", {}}, false};
    }

    Verdict listed(const json::object& body) override {
        for (const json::value& one : list_in(body, "contracts")) {
            if (!one.is_object()) throw Unreadable{"a contract is no object"};
            if (text_in(one.get_object(), "kind") == "name")
                if (auto name = text_in(one.get_object(), "name"))
                    progress_.names.push_back(std::move(*name));
        }
        return next();
    }

    Verdict found(const json::object& view) override {
        const auto backends = texts_in(view, "backends");
        if (backends.empty()) progress_.unreadable_name = true;
        std::vector<std::string> wanted;
        bool ours = false;
        for (const std::string& one : backends) {
            const std::string host = host_of(one);
            const auto port = port_for(host);
            ours = ours || port;
            wanted.push_back(port ? backend(host, *port) : one);
        }
        if (!ours) return next();
        if (wanted == backends) return Conclude{};
        json::object change_to{{"backends", json::value_from(wanted)}};
        if (const auto version = number_in(view, "version")) change_to["version"] = *version;
        const json::value body = std::move(change_to);
        return change(http::Verb::put, "/v1/names/" + text_in(view, "name").value_or(""), &body);
    }

    Verdict missing() override { return next(); }
    Verdict done(const json::object&) override { return Conclude{}; }

    Verdict refused(const GridError& error, Sort sort) override {
        if (error.code == "conflict" || sort == Sort::unreachable) return Again{error.text()};
        if (error.code == "not_found") return Conclude{}; // The name is gone.
        return Park{error.text()};
    }

private:
    Verdict next() {
        if (progress_.names.empty()) {
            if (progress_.unreadable_name) return Again{"a gateway does not tell where it leads"};
            return Conclude{};
        }
        const std::string name = std::move(progress_.names.back());
        progress_.names.pop_back();
        return look("/v1/names/" + name);
    }

    // Nothing: the address is none of the workloads'.
    std::optional<std::uint16_t> port_for(const std::string& host) const {
        for (const domain::ServingWorkload& one : what_.workloads) {
            if (std::ranges::find(one.access.addresses, host) == one.access.addresses.end())
                continue;
            if (!what_.open) return closed_port;
            return one.access.ports.empty() ? web_port : one.access.ports.front();
        }
        return std::nullopt;
    }

    const Access& what_;
};

} // namespace

std::unique_ptr<Task> access_task(const Effect& effect, const Access& what, Progress& progress,
                                  const Terms& terms, const Standing& standing) {
    return std::make_unique<AccessTask>(effect, what, progress, terms, standing);
}

} // namespace gateways::tfgrid
