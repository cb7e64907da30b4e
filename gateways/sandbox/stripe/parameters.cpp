#include "gateways/sandbox/stripe/parameters.hpp"

#include <boost/json.hpp>

#include <charconv>

namespace gateways::sandbox::stripe {

namespace {

namespace json = boost::json;

constexpr std::size_t metadata_keys_max = 50, metadata_key_max = 40, metadata_value_max = 500;

bool contains(std::string_view words, std::string_view word) {
    while (!words.empty()) {
        const auto end = words.find(' ');
        if (words.substr(0, end) == word) return true;
        words.remove_prefix(end == words.npos ? words.size() : end + 1);
    }
    return false;
}

std::string_view text_of(const json::value& value) {
    return {value.get_string().data(), value.get_string().size()};
}

} // namespace

std::string Parameters::name_of(std::string_view name) const {
    return place_.empty() ? std::string{name} : place_ + "[" + std::string{name} + "]";
}

void Parameters::only(std::string_view known) const {
    for (const auto& field : values_)
        if (!contains(known, field.key()))
            refuse_parameter("parameter_unknown", name_of(field.key()),
                             "Received unknown parameter: " + name_of(field.key()));
}

bool Parameters::clears(std::string_view name) const {
    const json::value* value = values_.if_contains(name);
    return value != nullptr && value->is_string() && value->get_string().empty();
}

std::string Parameters::text(std::string_view name) const {
    const json::value* value = values_.if_contains(name);
    if (value == nullptr) return {};
    if (!value->is_string())
        refuse_parameter({}, name_of(name), "Invalid string: " + json::serialize(*value));
    return std::string{text_of(*value)};
}

std::string Parameters::required(std::string_view name) const {
    std::string value = text(name);
    if (!has(name))
        refuse_parameter("parameter_missing", name_of(name),
                         "Missing required param: " + name_of(name) + ".");
    if (value.empty())
        refuse_parameter("parameter_invalid_empty", name_of(name),
                         "You passed an empty string for '" + name_of(name) +
                             "'. We assume empty values are an attempt to unset a parameter; "
                             "however '" +
                             name_of(name) + "' cannot be unset.");
    return value;
}

std::optional<std::int64_t> Parameters::number(std::string_view name) const {
    if (!has(name)) return std::nullopt;
    const std::string value = text(name);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc{} || end != value.data() + value.size())
        refuse_parameter("parameter_invalid_integer", name_of(name), "Invalid integer: " + value);
    return number;
}

std::optional<bool> Parameters::flag(std::string_view name) const {
    if (!has(name)) return std::nullopt;
    const std::string value = text(name);
    if (value != "true" && value != "false")
        refuse_parameter({}, name_of(name), "Invalid boolean: " + value);
    return value == "true";
}

std::string Parameters::choice(std::string_view name, std::string_view known) const {
    std::string value = text(name);
    if (!value.empty() && !contains(known, value))
        refuse_parameter({}, name_of(name),
                         "Invalid " + name_of(name) + ": must be one of " + std::string{known});
    return value;
}

std::vector<std::string> Parameters::list(std::string_view name) const {
    std::vector<std::string> values;
    const json::value* value = values_.if_contains(name);
    if (value == nullptr || clears(name)) return values;
    if (!value->is_object()) refuse_parameter({}, name_of(name), "Invalid array");
    for (const auto& field : value->get_object()) {
        if (!field.value().is_string()) refuse_parameter({}, name_of(name), "Invalid array");
        values.emplace_back(text_of(field.value()));
    }
    return values;
}

Parameters Parameters::inside(std::string_view name) const {
    const json::value* value = values_.if_contains(name);
    if (value == nullptr || clears(name)) return Parameters{{}, name_of(name)};
    if (!value->is_object()) refuse_parameter({}, name_of(name), "Invalid object");
    return Parameters{value->get_object(), name_of(name)};
}

void Parameters::update(Metadata& metadata) const {
    if (!has("metadata")) return;
    if (clears("metadata")) return metadata.clear();
    Metadata changed = metadata;
    const Parameters values = inside("metadata");
    for (const auto& field : values.all()) {
        const std::string key{field.key()};
        const std::string param = name_of("metadata") + "[" + key + "]";
        if (!field.value().is_string()) refuse_parameter({}, param, "Invalid string");
        const std::string_view value = text_of(field.value());
        if (key.size() > metadata_key_max)
            refuse_parameter({}, "metadata", "Metadata keys can have up to 40 characters");
        if (value.size() > metadata_value_max)
            refuse_parameter({}, param, "Metadata values can have up to 500 characters");
        if (value.empty())
            changed.erase(key);
        else
            changed[key] = value;
    }
    if (changed.size() > metadata_keys_max)
        refuse_parameter({}, "metadata", "You can have up to 50 metadata keys");
    metadata = std::move(changed);
}

} // namespace gateways::sandbox::stripe
