#include "gateways/sandbox/grid_proxy/query.hpp"

#include <algorithm>
#include <charconv>

namespace gateways::sandbox::grid_proxy {

namespace {

template <class Number>
Number parsed(const std::string& name, std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size())
        throw BadQuery{"failed to decode params: schema: error converting value for \"" + name +
                       "\""};
    return number;
}

} // namespace

Query::Query(std::string_view text) {
    auto fields = decode_form(text);
    if (!fields) throw BadQuery{"failed to decode params"};
    fields_ = std::move(*fields);
    std::erase_if(fields_, [](const auto& field) { return field.second.empty(); });
}

std::optional<std::string> Query::text(const std::string& name) {
    known_.insert(name);
    for (const auto& [field, value] : fields_)
        if (field == name) return value;
    return std::nullopt;
}

std::optional<std::uint64_t> Query::number(const std::string& name) {
    const auto value = text(name);
    if (!value) return std::nullopt;
    return parsed<std::uint64_t>(name, *value);
}

std::optional<double> Query::decimal(const std::string& name) {
    const auto value = text(name);
    if (!value) return std::nullopt;
    return parsed<double>(name, *value);
}

std::optional<bool> Query::flag(const std::string& name) {
    const auto value = text(name);
    if (!value) return std::nullopt;
    if (*value != "true" && *value != "false") parsed<int>(name, "neither");
    return *value == "true";
}

std::vector<std::string> Query::texts(const std::string& name) {
    known_.insert(name);
    std::vector<std::string> values;
    for (const auto& [field, value] : fields_) {
        if (field != name) continue;
        std::string_view rest = value;
        while (!rest.empty()) {
            const auto end = rest.find(',');
            values.emplace_back(rest.substr(0, end));
            rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
        }
    }
    return values;
}

std::vector<std::uint64_t> Query::numbers(const std::string& name) {
    std::vector<std::uint64_t> values;
    for (const std::string& value : texts(name))
        values.push_back(parsed<std::uint64_t>(name, value));
    return values;
}

void Query::finish() const {
    for (const auto& [field, value] : fields_)
        if (!known_.contains(field))
            throw BadQuery{"failed to decode params: schema: invalid path \"" + field + "\""};
}

Page read_page(Query& query) {
    Page page;
    page.size = query.number("size").value_or(page.size);
    page.number = query.number("page").value_or(page.number);
    page.count = query.flag("ret_count").value_or(false);
    page.randomize = query.flag("randomize").value_or(false);
    page.sort_by = query.text("sort_by").value_or("");
    const std::string order = query.text("sort_order").value_or("asc");
    page.descending = order == "desc" || order == "DESC";
    if (!page.descending && order != "asc" && order != "ASC")
        throw BadQuery{"sort_order is asc or desc"};
    page.balance = query.decimal("balance").value_or(0);
    if (page.number == 0) throw BadQuery{"pages are counted from 1"};
    return page;
}

} // namespace gateways::sandbox::grid_proxy
