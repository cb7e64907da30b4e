// Described types as few bytes, for rows that the log can give again: fields in their order
// without names, numbers in as many bytes as they need. Only a program whose types have the same
// layout can read them, so whoever keeps such rows keeps packed_layout() with them, and makes them
// anew when it differs. What lasts is JSON (codec.hpp).

#pragma once

#include "schemas/values.hpp"

#include <bit>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <xxhash.h>

namespace schemas {

// Seven bits a byte, the lowest first; the high bit says that more follow.
inline void pack_number(std::uint64_t number, std::string& out) {
    while (number >= 0x80) {
        out.push_back(static_cast<char>(number | 0x80));
        number >>= 7;
    }
    out.push_back(static_cast<char>(number));
}

// Small magnitudes in few bytes, whichever their sign.
inline std::uint64_t folded(std::int64_t number) {
    return (static_cast<std::uint64_t>(number) << 1) ^ static_cast<std::uint64_t>(number >> 63);
}
inline std::int64_t unfolded(std::uint64_t number) {
    return static_cast<std::int64_t>(number >> 1) ^ -static_cast<std::int64_t>(number & 1);
}

// Bytes that pack() wrote. Throws std::runtime_error past their end: they were cut or are others.
class Packed {
public:
    explicit Packed(std::string_view bytes) : rest_{bytes} {}

    std::uint64_t number() {
        std::uint64_t number = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            const auto byte = static_cast<unsigned char>(take(1).front());
            number |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if (byte < 0x80) return number;
        }
        throw std::runtime_error{"a packed row has a number without an end"};
    }
    std::string_view text() { return take(number()); }
    std::string_view rest() const { return rest_; }
    std::string_view take(std::size_t size) {
        if (rest_.size() < size) throw std::runtime_error{"a packed row is cut off"};
        const auto taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }

private:
    std::string_view rest_;
};

template <class T>
void pack(const T& value, std::string& out) {
    if constexpr (std::is_same_v<T, bool>) {
        out.push_back(value ? 1 : 0);
    } else if constexpr (std::is_unsigned_v<T>) {
        pack_number(value, out);
    } else if constexpr (std::is_integral_v<T>) {
        pack_number(folded(value), out);
    } else if constexpr (std::is_enum_v<T>) {
        pack_number(static_cast<std::uint64_t>(value), out);
    } else if constexpr (std::is_same_v<T, std::string>) {
        pack_number(value.size(), out);
        out.append(value);
    } else if constexpr (is_id<T>) {
        pack(value.value, out);
    } else if constexpr (std::is_same_v<T, domain::Time>) {
        pack(value.milliseconds, out);
    } else if constexpr (is_optional<T>) {
        out.push_back(value ? 1 : 0);
        if (value) pack(*value, out);
    } else if constexpr (is_vector<T>) {
        pack_number(value.size(), out);
        for (const auto& one : value)
            pack(one, out);
    } else if constexpr (Record<T>) {
        for_each_field<T>([&](auto field) { pack(value.*field.pointer, out); });
    } else {
        static_assert(is_unsupported<T>, "this type has no packed form");
    }
}

template <class T>
void unpack(Packed& in, T& value) {
    if constexpr (std::is_same_v<T, bool>) {
        value = in.take(1).front() != 0;
    } else if constexpr (std::is_unsigned_v<T>) {
        value = static_cast<T>(in.number());
    } else if constexpr (std::is_integral_v<T>) {
        value = static_cast<T>(unfolded(in.number()));
    } else if constexpr (std::is_enum_v<T>) {
        value = static_cast<T>(in.number());
    } else if constexpr (std::is_same_v<T, std::string>) {
        value = in.text();
    } else if constexpr (is_id<T>) {
        unpack(in, value.value);
    } else if constexpr (std::is_same_v<T, domain::Time>) {
        unpack(in, value.milliseconds);
    } else if constexpr (is_optional<T>) {
        value.reset();
        if (in.take(1).front() != 0) unpack(in, value.emplace());
    } else if constexpr (is_vector<T>) {
        value.clear();
        for (std::uint64_t left = in.number(); left > 0; --left)
            unpack(in, value.emplace_back());
    } else if constexpr (Record<T>) {
        for_each_field<T>([&](auto field) { unpack(in, value.*field.pointer); });
    } else {
        static_assert(is_unsupported<T>, "this type has no packed form");
    }
}

// What the bytes of a T mean, in words.
template <class T>
void describe_layout(std::string& out) {
    if constexpr (std::is_enum_v<T>) {
        out += '(';
        for_each_name<T>([&](auto name) { out.append(name.name).append("|"); });
        out += ')';
    } else if constexpr (is_optional<T> || is_vector<T>) {
        out += is_vector<T> ? '*' : '?';
        describe_layout<typename T::value_type>(out);
    } else if constexpr (Record<T>) {
        out += '{';
        for_each_field<T>([&](auto field) {
            out.append(field.name).append(":");
            describe_layout<std::remove_cvref_t<decltype(std::declval<T>().*field.pointer)>>(out);
        });
        out += '}';
    } else if constexpr (std::is_integral_v<T>) {
        out += std::is_signed_v<T> ? 'i' : 'u';
    } else {
        out += 's';
    }
}

// Equal for types that read each other's bytes alike.
template <class T>
std::uint64_t packed_layout() {
    std::string words = "1";
    describe_layout<T>(words);
    return XXH3_64bits(words.data(), words.size());
}

} // namespace schemas
