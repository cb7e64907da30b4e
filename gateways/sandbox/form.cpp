#include "gateways/sandbox/form.hpp"

#include <boost/json/value.hpp>

namespace gateways::sandbox {

namespace {

namespace json = boost::json;

constexpr std::size_t depth_max = 8;

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// "a[b][]" gives a, b and an empty one.
std::optional<std::vector<std::string_view>> steps_of(std::string_view name) {
    std::vector<std::string_view> steps;
    const auto open = name.find('[');
    steps.push_back(name.substr(0, open));
    if (steps[0].empty()) return std::nullopt;
    name.remove_prefix(std::min(open, name.size()));
    while (!name.empty()) {
        const auto close = name.find(']');
        if (name[0] != '[' || close == name.npos || steps.size() == depth_max) return std::nullopt;
        steps.push_back(name.substr(1, close - 1));
        name.remove_prefix(close + 1);
    }
    return steps;
}

} // namespace

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+') {
            out.push_back(' ');
        } else if (text[i] == '%') {
            if (i + 2 >= text.size()) return std::nullopt;
            const int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            out.push_back(static_cast<char>(high * 16 + low));
            i += 2;
        } else {
            out.push_back(text[i]);
        }
    }
    return out;
}

std::optional<Fields> decode_form(std::string_view text) {
    Fields fields;
    while (!text.empty()) {
        const auto end = text.find('&');
        const std::string_view pair = text.substr(0, end);
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
        if (pair.empty()) continue;
        const auto equals = pair.find('=');
        auto name = percent_decoded(pair.substr(0, equals));
        auto value =
            percent_decoded(equals == pair.npos ? std::string_view{} : pair.substr(equals + 1));
        if (!name || !value) return std::nullopt;
        fields.emplace_back(std::move(*name), std::move(*value));
    }
    return fields;
}

std::optional<json::object> nested(const Fields& fields) {
    json::object all;
    for (const auto& [name, value] : fields) {
        const auto steps = steps_of(name);
        if (!steps) return std::nullopt;
        json::object* place = &all;
        for (std::size_t i = 0; i < steps->size(); ++i) {
            std::string key{(*steps)[i]};
            if (key.empty()) key = std::to_string(place->size());
            const bool last = i + 1 == steps->size();
            json::value& there = (*place)[key];
            if (last) {
                if (!there.is_null() && !there.is_string()) return std::nullopt;
                there = value;
            } else {
                if (there.is_null()) there.emplace_object();
                if (!there.is_object()) return std::nullopt;
                place = &there.get_object();
            }
        }
    }
    return all;
}

} // namespace gateways::sandbox
