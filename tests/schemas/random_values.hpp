// Random values of everything that has a form on the wire.

#pragma once

#include "schemas/reflect.hpp"
#include "schemas/values.hpp"

#include <random>

namespace tests {

class RandomValues {
public:
    explicit RandomValues(std::uint64_t seed) : random_{seed} {}

    std::uint64_t below(std::uint64_t end) { return random_() % end; }

    template <class T>
    void fill(T& value) {
        if constexpr (std::is_same_v<T, bool>) {
            value = below(2) == 0;
        } else if constexpr (std::is_integral_v<T>) {
            value = static_cast<T>(random_() >> below(64));
        } else if constexpr (std::is_same_v<T, std::string>) {
            value = text();
        } else if constexpr (schemas::is_id<T>) {
            value.value = text();
        } else if constexpr (std::is_same_v<T, domain::Money>) {
            fill(value.currency);
            value.minor = static_cast<std::int64_t>(random_()) >> below(64);
            const bool cents =
                value.currency == domain::Currency::usd || value.currency == domain::Currency::eur;
            if (cents) value.minor /= 2048;
        } else if constexpr (std::is_same_v<T, domain::Time>) {
            value.milliseconds = static_cast<std::int64_t>(below(253'402'300'800'000));
        } else if constexpr (schemas::Choice<T>) {
            const auto wanted =
                below(boost::mp11::mp_size<boost::describe::describe_enumerators<T>>::value);
            std::uint64_t at = 0;
            schemas::for_each_name<T>([&](auto name) {
                if (at++ == wanted) value = name.value;
            });
        } else if constexpr (schemas::is_optional<T>) {
            if (below(2) == 0) return value.reset();
            fill(value.emplace());
        } else if constexpr (schemas::is_vector<T>) {
            value.resize(below(4));
            for (auto& one : value)
                fill(one);
        } else if constexpr (schemas::is_map<T>) {
            for (auto left = below(4); left > 0; --left)
                fill(value[text()]);
        } else if constexpr (schemas::is_message_set<T>) {
            fill_message(value, below(std::variant_size_v<T>));
        } else {
            schemas::for_each_field<T>([&](auto field) { fill(value.*field.pointer); });
        }
    }

    template <class Variant>
    void fill_message(Variant& value, std::size_t which) {
        boost::mp11::mp_with_index<std::variant_size_v<Variant>>(
            which, [&](auto at) { fill(value.template emplace<at>()); });
    }

private:
    std::string text() {
        static constexpr std::string_view pieces[] = {
            "a",      "Z",      "0",          " ",        "\"",
            "\\",     "/",      "\n",         "\x1f",     "\x7f",
            "\u00e9", "\u20ac", "\U0001f600", "payment-", std::string_view{"\0", 1}};
        std::string made;
        for (auto left = below(20); left > 0; --left)
            made += pieces[below(std::size(pieces))];
        return made;
    }

    std::mt19937_64 random_;
};

} // namespace tests
