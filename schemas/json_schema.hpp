// JSON Schemas (2020-12) of what is described, made from the types themselves.

#pragma once

#include "schemas/reflect.hpp"
#include "schemas/values.hpp"

#include <string>
#include <string_view>

namespace schemas {

// The schema of a value of T, as compact JSON. Objects are closed where unknown fields are
// refused: a command's schema says additionalProperties false.
template <class T>
std::string value_schema(Unknown unknown);

template <Record T>
std::string record_schema(Unknown unknown) {
    std::string properties, required;
    for_each_field<T>([&](auto field) {
        using Value = std::remove_cvref_t<decltype(std::declval<T>().*field.pointer)>;
        const std::string name = "\"" + std::string{field.name} + "\"";
        properties += (properties.empty() ? "" : ",") + name + ":" + value_schema<Value>(unknown);
        if (!is_optional<Value>) required += (required.empty() ? "" : ",") + name;
    });
    std::string schema = R"("type":"object","properties":{)" + properties + "}";
    if (!required.empty()) schema += R"(,"required":[)" + required + "]";
    if (unknown == Unknown::refuse) schema += R"(,"additionalProperties":false)";
    return "{" + schema + "}";
}

// Money has its own schema file, beside that of the message.
inline constexpr std::string_view money_schema_name = "money.json";
inline constexpr std::string_view time_pattern =
    R"(^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?Z$)";

template <class T>
std::string integer_schema() {
    std::string schema = R"({"type":"integer","minimum":)";
    write_number(std::numeric_limits<T>::min(), schema);
    schema += R"(,"maximum":)";
    write_number(std::numeric_limits<T>::max(), schema);
    return schema + "}";
}

template <class T>
std::string value_schema(Unknown unknown) {
    if constexpr (std::is_same_v<T, bool>) {
        return R"({"type":"boolean"})";
    } else if constexpr (std::is_integral_v<T>) {
        return integer_schema<T>();
    } else if constexpr (std::is_same_v<T, std::string> || is_id<T>) {
        return R"({"type":"string"})";
    } else if constexpr (std::is_same_v<T, domain::Money>) {
        return R"({"$ref":")" + std::string{money_schema_name} + R"("})";
    } else if constexpr (std::is_same_v<T, domain::Time>) {
        return R"({"type":"string","format":"date-time","pattern":")" + std::string{time_pattern} +
               R"("})";
    } else if constexpr (std::is_same_v<T, domain::Currency>) {
        return R"({"type":"string","enum":["USD","EUR","USDC","TFT"]})";
    } else if constexpr (Choice<T>) {
        std::string names;
        for_each_name<T>([&](auto name) {
            names += std::string{names.empty() ? "" : ","} + "\"" + name.name + "\"";
        });
        return R"({"type":"string","enum":[)" + names + "]}";
    } else if constexpr (is_optional<T>) {
        return R"({"anyOf":[)" + value_schema<typename T::value_type>(unknown) +
               R"(,{"type":"null"}]})";
    } else if constexpr (is_vector<T>) {
        return R"({"type":"array","items":)" + value_schema<typename T::value_type>(unknown) + "}";
    } else if constexpr (is_map<T>) {
        return R"({"type":"object","additionalProperties":)" +
               value_schema<typename T::mapped_type>(unknown) + "}";
    } else {
        return record_schema<T>(unknown);
    }
}

} // namespace schemas
