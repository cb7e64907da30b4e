// The proxy's query strings: typed, and with no parameter that nobody knows.

#pragma once

#include "gateways/sandbox/form.hpp"
#include "gateways/sandbox/grid_proxy/catalogue.hpp"

#include <functional>
#include <set>

namespace gateways::sandbox::grid_proxy {

// 400 with {"error": ...}
struct BadQuery {
    std::string reason;
};

// Empty values count as absent. Each reader throws BadQuery.
class Query {
public:
    explicit Query(std::string_view text);

    std::optional<std::string> text(const std::string& name);
    std::optional<std::uint64_t> number(const std::string& name);
    std::optional<double> decimal(const std::string& name);
    std::optional<bool> flag(const std::string& name);
    std::vector<std::string> texts(const std::string& name); // "up,down", or several of them.
    std::vector<std::uint64_t> numbers(const std::string& name);
    // Throws for what nobody has asked for.
    void finish() const;

private:
    Fields fields_;
    std::set<std::string> known_;
};

struct Page {
    std::uint64_t size = 50, number = 1;
    bool count = false, randomize = false, descending = false;
    std::string sort_by;
    double balance = 0;
};
Page read_page(Query& query);

template <class T>
using Filter = std::function<bool(const T&)>;

// All that a list is narrowed by; `now` decides what is up.
Filter<Node> read_node_filter(Query& query, const Catalogue& grid, Seconds now, double balance);
Filter<Farm> read_farm_filter(Query& query, const Catalogue& grid, Seconds now);
Filter<Contract> read_contract_filter(Query& query, const Catalogue& grid);
Filter<Twin> read_twin_filter(Query& query);

// Which of two nodes comes first; empty `name`: by number. Throws BadQuery for a name there is not.
using NodeOrder = std::function<bool(const Node&, const Node&)>;
NodeOrder order_by(const std::string& name, const Catalogue& grid, Seconds now, double balance);

} // namespace gateways::sandbox::grid_proxy
