#include "gateways/market/query.hpp"

#include <algorithm>
#include <charconv>

namespace gateways::market {

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+') {
            plain.push_back(' ');
        } else if (text[i] != '%') {
            plain.push_back(text[i]);
        } else {
            unsigned value = 0;
            const auto* from = text.data() + i + 1;
            if (i + 2 >= text.size() || std::from_chars(from, from + 2, value, 16).ptr != from + 2)
                return std::nullopt;
            plain.push_back(static_cast<char>(value));
            i += 2;
        }
    }
    return plain;
}

boost::system::result<Query, std::string> Query::parse(std::string_view text,
                                                       std::span<const std::string_view> names) {
    Query query;
    while (!text.empty()) {
        const auto end = std::min(text.find('&'), text.size());
        const std::string_view pair = text.substr(0, end);
        text = text.substr(std::min(end + 1, text.size()));
        const auto equals = std::min(pair.find('='), pair.size());
        std::string name{pair.substr(0, equals)};
        auto value = percent_decoded(pair.substr(std::min(equals + 1, pair.size())));
        if (!value || std::ranges::find(names, name) == names.end() || query.find(name) != nullptr)
            return name;
        query.values_.emplace_back(std::move(name), std::move(*value));
    }
    return query;
}

const std::string* Query::find(std::string_view name) const {
    const auto found = std::ranges::find(values_, name, [](const auto& one) { return one.first; });
    return found == values_.end() ? nullptr : &found->second;
}

std::optional<std::size_t> Query::limit() const {
    constexpr std::size_t usual = 20, most = 100;
    const std::string* const text = find("limit");
    if (text == nullptr) return usual;
    std::size_t number = 0;
    const auto* const end = text->data() + text->size();
    const auto [last, error] = std::from_chars(text->data(), end, number);
    if (last != end || error == std::errc::invalid_argument) return std::nullopt;
    if (error == std::errc::result_out_of_range) return most;
    if (number == 0) return std::nullopt;
    return std::min(number, most);
}

const std::string* Query::cursor() const {
    const std::string* const text = find("cursor");
    return text == nullptr || text->empty() ? nullptr : text;
}

std::string Query::list_text() const {
    auto sorted = values_;
    std::ranges::sort(sorted);
    std::string text;
    for (const auto& [name, value] : sorted)
        if (name != "limit" && name != "cursor")
            text.append(1, '\0').append(name).append("=").append(value);
    return text;
}

std::optional<std::uint64_t> parse_whole(std::string_view text, std::uint64_t max) {
    std::uint64_t number = 0;
    const auto* const end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || last != end || number > max) return std::nullopt;
    return number;
}

} // namespace gateways::market
