#include "gateways/sandbox/grid_proxy/control.hpp"

#include "gateways/sandbox/grid_proxy/records.hpp"

#include <boost/json.hpp>

#include <charconv>

namespace gateways::sandbox::grid_proxy {

namespace {

namespace json = boost::json;

constexpr std::size_t nodes_max = 100'000;

json::object body_of(const Call& call) {
    json::value body = json::parse(call.body);
    if (!body.is_object()) throw BadScript{"an object is needed"};
    return std::move(body.get_object());
}

// A node of which only the ids were said: an ordinary machine that is up.
Node ordinary_node(Seconds now) {
    Node node;
    node.total = {16, 1000 * gib, 0, 64 * gib};
    node.features = {"zmount", "network", "zmachine", "zlogs", "wireguard", "mycelium"};
    node.created = node.booted = now - 24 * 60 * 60;
    return node;
}

template <class Read>
void each(const json::object& body, std::string_view name, Read read) {
    const json::value* list = body.if_contains(name);
    if (list == nullptr) return;
    if (!list->is_array()) throw BadScript{std::string{name} + " must be a list"};
    for (const json::value& one : list->get_array())
        read(as_object(one));
}

Answer done() { return json_answer(200, json::object{}); }

// The whole grid, as it is handed in.
Answer load(Catalogue& grid, Seconds now, const Call& call) {
    const json::object body = body_of(call);
    for (const auto& field : body)
        if (field.key() != "farms" && field.key() != "nodes" && field.key() != "contracts" &&
            field.key() != "twins")
            throw BadScript{"unknown field " + std::string{field.key()}};
    Catalogue loaded;
    each(body, "farms", [&](const json::object& given) {
        Farm farm;
        read_farm(given, farm);
        loaded.farms.emplace(farm.id, farm);
    });
    each(body, "nodes", [&](const json::object& given) {
        Node node = ordinary_node(now);
        read_node(given, node, now);
        if (!loaded.farms.contains(node.farm)) {
            Farm farm;
            farm.id = node.farm;
            farm.name = "farm-" + std::to_string(farm.id);
            loaded.farms.emplace(farm.id, farm);
        }
        loaded.nodes.emplace(node.id, std::move(node));
    });
    each(body, "contracts", [&](const json::object& given) {
        Contract contract;
        contract.created = now;
        read_contract(given, contract);
        loaded.contracts.emplace(contract.id, contract);
    });
    each(body, "twins", [&](const json::object& given) {
        Twin twin;
        read_twin(given, twin);
        loaded.twins.emplace(twin.id, twin);
    });
    loaded.count_occupations();
    grid = std::move(loaded);
    return done();
}

Answer make(Catalogue& grid, Seconds now, const Call& call) {
    const json::object body = body_of(call);
    std::uint64_t seed = 1;
    std::size_t nodes = 3000;
    for (const auto& field : body) {
        if (!field.value().is_int64() || field.value().get_int64() < 0)
            throw BadScript{"seed and nodes are whole numbers"};
        const auto number = static_cast<std::uint64_t>(field.value().get_int64());
        if (field.key() == "seed")
            seed = number;
        else if (field.key() == "nodes")
            nodes = number;
        else
            throw BadScript{"unknown field " + std::string{field.key()}};
    }
    if (nodes > nodes_max) throw BadScript{"that is too large a grid"};
    grid = generate(seed, nodes, now);
    return done();
}

Answer change_node(Catalogue& grid, Seconds now, std::uint64_t id, const Call& call) {
    const auto found = grid.nodes.find(static_cast<std::uint32_t>(id));
    if (found == grid.nodes.end()) return refused(404, "no such node");
    Node changed = found->second;
    read_node(body_of(call), changed, now);
    if (changed.id != found->second.id) throw BadScript{"a node keeps its number"};
    found->second = std::move(changed);
    return json_answer(200, write_node(grid, found->second, now, 0));
}

Answer put_contract(Catalogue& grid, Seconds now, const Call& call) {
    const json::object body = body_of(call);
    Contract contract;
    contract.created = now;
    const json::value* id = body.if_contains("contract_id");
    if (id != nullptr && id->is_int64()) {
        const auto before = grid.contracts.find(static_cast<std::uint64_t>(id->get_int64()));
        if (before != grid.contracts.end()) contract = before->second;
    }
    read_contract(body, contract);
    grid.contracts.insert_or_assign(contract.id, contract);
    grid.count_occupations();
    return json_answer(200, write_contract(grid, contract));
}

Answer add_bill(Catalogue& grid, Seconds now, std::uint64_t contract, const Call& call) {
    if (!grid.contracts.contains(contract)) return refused(404, "no such contract");
    Bill bill;
    bill.time = now;
    bill.discount = "None";
    read_bill(body_of(call), bill);
    grid.bills[contract].push_back(bill);
    return done();
}

// "nodes/11" gives 11 when `what` is "nodes/" and `rest` what follows the number.
std::optional<std::uint64_t> id_in(std::string_view path, std::string_view what,
                                   std::string_view rest) {
    if (!path.starts_with(what) || !path.ends_with(rest) ||
        path.size() <= what.size() + rest.size())
        return std::nullopt;
    path = path.substr(what.size(), path.size() - what.size() - rest.size());
    std::uint64_t id = 0;
    const auto [end, error] = std::from_chars(path.data(), path.data() + path.size(), id);
    if (error != std::errc{} || end != path.data() + path.size()) return std::nullopt;
    return id;
}

} // namespace

std::optional<Answer> control(Catalogue& grid, Seconds now, const Call& call) {
    if (call.verb != http::Verb::post) return std::nullopt;
    const std::string_view path = std::string_view{call.path}.substr(sizeof "/sandbox/" - 1);
    if (path == "catalogue") return load(grid, now, call);
    if (path == "generate") return make(grid, now, call);
    if (path == "contracts") return put_contract(grid, now, call);
    if (const auto id = id_in(path, "nodes/", "")) return change_node(grid, now, *id, call);
    if (const auto id = id_in(path, "contracts/", "/bills")) return add_bill(grid, now, *id, call);
    return std::nullopt;
}

} // namespace gateways::sandbox::grid_proxy
