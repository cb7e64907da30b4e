#include "schemas/envelope.hpp"

#include <bit>
#include <charconv>
#include <cstring>
#include <xxhash.h>

namespace schemas {

BOOST_DESCRIBE_STRUCT(EventView, (),
                      (id, type, stream, sequence, time, tenant, actor, command, fingerprint,
                       correlation, trace, data, previous))
BOOST_DESCRIBE_STRUCT(CommandView, (),
                      (id, type, stream, time, tenant, actor, owner, fingerprint, correlation,
                       trace, reply, expected, data))
BOOST_DESCRIBE_STRUCT(OutcomeView, (),
                      (command, fingerprint, stream, sequence, position, rejection, replayed))

namespace {

// Set: the field must be there. The others are left out when they are empty.
template <class View>
constexpr std::uint64_t required(std::initializer_list<std::string_view> may_be_missing) {
    std::uint64_t fields = 0;
    for (std::size_t i = 0; i < field_names<View>.size(); ++i) {
        bool optional = false;
        for (const auto name : may_be_missing)
            optional = optional || name == field_names<View>[i];
        if (!optional) fields |= std::uint64_t{1} << i;
    }
    return fields;
}

template <class View>
constexpr std::uint64_t required_in = 0;
template <>
constexpr std::uint64_t required_in<EventView> = required<EventView>({"trace"});
template <>
constexpr std::uint64_t required_in<CommandView> =
    required<CommandView>({"owner", "fingerprint", "correlation", "trace", "reply", "expected"});
template <>
constexpr std::uint64_t required_in<OutcomeView> = required<OutcomeView>({"fingerprint",
                                                                          "rejection"});

template <class Value>
bool read_part(const Json& json, Value& out, Reading& reading) {
    if constexpr (std::is_same_v<Value, std::string_view>) {
        return read_text_view(json, out, reading);
    } else if constexpr (std::is_same_v<Value, Json>) {
        out = json;
        return json.is_object() || reading.fail("is not an object");
    } else {
        return read_value(json, out, reading);
    }
}

template <class View>
bool read_parts(const Json& json, View& view, Reading& reading) {
    constexpr const auto& names = field_names<View>;
    simdjson::dom::object object;
    if (json.get(object)) return reading.fail("is not an object");
    std::uint64_t seen = 0;
    std::size_t expected = 0;
    for (const auto [key, value] : object) {
        const std::size_t at = find_name(names, key, expected);
        if (at == names.size()) {
            if (reading.unknown == Unknown::skip) continue;
            return reading.fail_at(key, "is unknown");
        }
        const std::uint64_t bit = std::uint64_t{1} << at;
        if ((seen & bit) != 0) return reading.fail_at(key, "is given twice");
        seen |= bit;
        expected = at + 1;
        const bool good = boost::mp11::mp_with_index<names.size()>(at, [&](auto index) {
            using Field = boost::mp11::mp_at_c<Fields<View>, index>;
            return read_part(value, view.*Field::pointer, reading);
        });
        if (!good) return reading.inside(names[at]);
    }
    const std::uint64_t missing = required_in<View> & ~seen;
    if (missing == 0) return true;
    return reading.fail_at(names[static_cast<std::size_t>(std::countr_zero(missing))],
                           "is missing");
}

// Reads what write_view() wrote, in its order and without escapes, where it lies: half the time of
// parsing it. Anything else it leaves alone, for read_parts() to read or to refuse.
class Scanner {
public:
    explicit Scanner(std::string_view record) : rest_{record} {}

    bool skip(std::string_view expected) {
        if (!rest_.starts_with(expected)) return false;
        rest_.remove_prefix(expected.size());
        return true;
    }
    bool text(std::string_view& out) {
        if (rest_.empty() || rest_.front() != '"') return false;
        const std::size_t size = plain_size(rest_.substr(1));
        if (size + 1 >= rest_.size() || rest_[size + 1] != '"') return false;
        out = rest_.substr(1, size);
        rest_.remove_prefix(size + 2);
        return true;
    }
    template <class Number>
    bool number(Number& out) {
        const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), out);
        const auto digits = static_cast<std::size_t>(end - rest_.data());
        if (error != std::errc{} || (rest_.front() == '0' && digits > 1)) return false;
        rest_.remove_prefix(digits);
        return true;
    }
    // All but what ends the record.
    bool data(std::string_view& out, std::size_t end) {
        if (rest_.size() < end) return false;
        out = rest_.substr(0, rest_.size() - end);
        rest_.remove_prefix(out.size());
        return true;
    }
    bool empty() const { return rest_.empty(); }

private:
    // How many bytes stand before the first that is a quote, a backslash, a control character or
    // not ASCII. Eight at a time: the high bit of each byte tells, as in "Bit Twiddling Hacks",
    // and the lowest that is set is exact.
    static std::size_t plain_size(std::string_view text) {
        constexpr std::uint64_t ones = 0x0101010101010101, high = 0x80 * ones;
        const auto below = [](std::uint64_t word, std::uint64_t than) {
            return (word - than * ones) & ~word;
        };
        std::size_t at = 0;
        for (; at + 8 <= text.size(); at += 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, text.data() + at, 8);
            if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
            const std::uint64_t odd = (word | below(word, 0x20) | below(word ^ '"' * ones, 1) |
                                       below(word ^ '\\' * ones, 1)) &
                                      high;
            if (odd != 0) return at + static_cast<std::size_t>(std::countr_zero(odd)) / 8;
        }
        for (; at < text.size(); ++at) {
            const char one = text[at];
            if (one == '"' || one == '\\' || static_cast<signed char>(one) < ' ') break;
        }
        return at;
    }

    std::string_view rest_;
};

template <class Value>
bool scan_part(Scanner& scanner, Value& out) {
    if constexpr (std::is_same_v<Value, std::string_view>) {
        return scanner.text(out);
    } else if constexpr (std::is_same_v<Value, domain::Time>) {
        std::string_view text;
        if (!scanner.text(text)) return false;
        // The records of a batch have one time.
        thread_local std::string latest_text;
        thread_local domain::Time latest;
        if (text != latest_text) {
            const auto time = parse_time(text);
            if (!time) return false;
            latest_text = text;
            latest = *time;
        }
        out = latest;
        return true;
    } else {
        return scanner.number(out);
    }
}

// What follows the data: `,"previous":"` with 64 digits, or nothing, and the end.
template <class View>
constexpr std::size_t bytes_after_data = 1;
template <>
constexpr std::size_t bytes_after_data<EventView> = 13 + 64 + 2;

template <class View>
bool scan_view(Parser& parser, std::string_view record, View& view) {
    Scanner scanner{record};
    std::string_view data;
    bool good = true, first = true;
    std::uint64_t bit = 1;
    for_each_field<View>([&](auto field) {
        if (!good) return;
        auto& value = view.*field.pointer;
        using Value = std::remove_cvref_t<decltype(value)>;
        const bool needed = (required_in<View> & bit) != 0;
        bit <<= 1;
        constexpr const auto& head = member_head<decltype(field)>;
        std::string_view expected{head.data(), head.size()};
        if (first) {
            if (!scanner.skip("{")) good = false;
            expected.remove_prefix(1);
        }
        if (!scanner.skip(expected)) {
            good = good && !needed && !first;
            return;
        }
        first = false;
        if constexpr (std::is_same_v<Value, Json>)
            good = scanner.data(data, bytes_after_data<View>);
        else
            good = scan_part(scanner, value);
    });
    if (!good || !scanner.skip("}") || !scanner.empty()) return false;
    const auto json = parser.parse(data, data.size());
    if (!json || !json->is_object()) return false;
    view.data = *json;
    return true;
}

template <class View>
Decoded<View> read_view(Parser& parser, std::string_view record, Unknown unknown) {
    if constexpr (!std::is_same_v<View, OutcomeView>) {
        View view;
        if (record.size() <= record_bytes_max && scan_view(parser, record, view)) return view;
    }
    const auto json = parser.parse(record, record_bytes_max);
    if (!json) return json.error();
    Decoded<View> view;
    Reading reading{unknown, {}};
    if (!read_parts(*json, *view, reading)) return std::move(reading.error);
    return view;
}

template <class View>
void write_view(const View& view, std::string_view data, std::string& out) {
    // Most records fit, so that they are allocated once.
    constexpr std::size_t head_bytes = 512;
    if (out.capacity() - out.size() < head_bytes + data.size())
        out.reserve(out.size() + head_bytes + data.size());
    out += '{';
    bool first = true;
    std::uint64_t bit = 1;
    for_each_field<View>([&](auto field) {
        const auto& value = view.*field.pointer;
        using Value = std::remove_cvref_t<decltype(value)>;
        const bool needed = (required_in<View> & bit) != 0;
        bit <<= 1;
        if constexpr (std::is_same_v<Value, std::string_view>)
            if (value.empty() && !needed) return;
        if constexpr (std::is_integral_v<Value>)
            if (value == 0 && !needed) return;
        write_member_head<decltype(field)>(first, out);
        first = false;
        if constexpr (std::is_same_v<Value, std::string_view>)
            write_text(value, out);
        else if constexpr (std::is_same_v<Value, Json>)
            out += data;
        else
            write_value(value, out);
    });
    out += '}';
}

} // namespace

Decoded<EventView> EnvelopeReader::event(std::string_view record) {
    return read_view<EventView>(parser_, record, Unknown::skip);
}

Decoded<CommandView> EnvelopeReader::command(std::string_view record) {
    return read_view<CommandView>(parser_, record, Unknown::refuse);
}

Decoded<OutcomeView> EnvelopeReader::outcome(std::string_view record) {
    return read_view<OutcomeView>(parser_, record, Unknown::skip);
}

void write_event(const EventView& head, std::string_view data, std::string& out) {
    write_view(head, data, out);
}

void write_command(const CommandView& head, std::string_view data, std::string& out) {
    write_view(head, data, out);
}

void write_outcome(const OutcomeView& outcome, std::string& out) { write_view(outcome, {}, out); }

std::array<char, 16> fingerprint(std::string_view type, std::string_view data) {
    thread_local std::string bytes;
    bytes.assign(type);
    bytes += '\0';
    bytes += data;
    const std::uint64_t hash = XXH3_64bits(bytes.data(), bytes.size());
    std::array<char, 16> digits{};
    for (std::size_t i = 0; i < digits.size(); ++i)
        digits[i] = "0123456789abcdef"[hash >> (60 - 4 * i) & 15];
    return digits;
}

} // namespace schemas
