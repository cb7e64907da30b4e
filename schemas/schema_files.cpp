#include "schemas/schema_files.hpp"

#include "schemas/envelope.hpp"
#include "schemas/json_schema.hpp"
#include "schemas/messages.hpp"

#include <limits>

namespace schemas {

namespace {

constexpr std::string_view dialect = "https://json-schema.org/draft/2020-12/schema";

void add(Schemas& schemas, const std::string& name, std::string title, std::string text) {
    schemas[name] = {std::move(title), std::move(text)};
}

template <class Variant>
void add_set(Schemas& schemas, Unknown unknown, std::string_view kind) {
    boost::mp11::mp_for_each<boost::mp11::mp_iota_c<std::variant_size_v<Variant>>>([&](auto at) {
        using One = std::variant_alternative_t<at, Variant>;
        add(schemas, std::string{One::type},
            "Data of the " + std::string{kind} + " " + std::string{One::type},
            record_schema<One>(unknown));
    });
}

std::string text_schema(std::string_view pattern) {
    return R"({"type":"string","pattern":")" + std::string{pattern} + R"("})";
}

struct Part {
    std::string_view name;
    std::string schema;
    bool required = true;
};

std::string object_schema(const std::vector<Part>& parts, bool closed) {
    std::string properties, required;
    for (const auto& [name, schema, needed] : parts) {
        const std::string quoted = "\"" + std::string{name} + "\"";
        properties += (properties.empty() ? "" : ",") + quoted + ":" + schema;
        if (needed) required += (required.empty() ? "" : ",") + quoted;
    }
    return R"({"type":"object","properties":{)" + properties + R"(},"required":[)" + required +
           "]" + (closed ? R"(,"additionalProperties":false})" : "}");
}

void add_envelopes(Schemas& schemas) {
    const std::string text = R"({"type":"string"})", data = R"({"type":"object"})";
    const std::string type = text_schema("^[a-z_]+\\\\.[a-z_]+$");
    const std::string number = integer_schema<std::uint64_t>();
    const std::string time = value_schema<domain::Time>(Unknown::refuse);
    add(schemas, "event", "One record of the topic events",
        object_schema({{"id", text},
                       {"type", type},
                       {"stream", text},
                       {"sequence", number},
                       {"time", time},
                       {"tenant", text},
                       {"actor", text},
                       {"command", text},
                       {"fingerprint", text_schema("^[0-9a-f]{16}$")},
                       {"correlation", text},
                       {"trace", text, false},
                       {"data", data},
                       {"previous", text_schema("^[0-9a-f]{64}$")}},
                      false));
    add(schemas, "command", "One record of the topic commands",
        object_schema({{"id", text},
                       {"type", type},
                       {"stream", text},
                       {"time", time},
                       {"tenant", text},
                       {"actor", text},
                       {"owner", text, false},
                       {"fingerprint", text_schema("^[0-9a-f]{16}$"), false},
                       {"correlation", text, false},
                       {"trace", text, false},
                       {"reply", text, false},
                       {"expected", number, false},
                       {"data", data}},
                      true));
    add(schemas, "outcome", "One record of the topic outcomes",
        object_schema({{"command", text},
                       {"fingerprint", text_schema("^[0-9a-f]{16}$"), false},
                       {"stream", text},
                       {"sequence", number},
                       {"position", integer_schema<std::int64_t>()},
                       {"rejection", text, false},
                       {"replayed", R"({"type":"boolean"})"}},
                      false));
    add(schemas, "parked", "One record of the topic parked", record_schema<Parked>(Unknown::skip));
    add(schemas, std::string{CommandAnswered::type}, "Data of the event command.answered",
        record_schema<CommandAnswered>(Unknown::skip));
}

// Whole numbers of 64 bits as text: for each digit of the largest the numbers that are like it
// before and below it there, then the largest, and the smallest.
std::string whole_number_pattern() {
    std::string largest;
    write_number(std::numeric_limits<std::int64_t>::max(), largest);
    std::string pattern = "^(0|-?([1-9][0-9]{0," + std::to_string(largest.size() - 2) + "}";
    for (std::size_t at = 0; at < largest.size(); ++at) {
        const char least = at == 0 ? '1' : '0';
        if (largest[at] == least) continue;
        pattern.append("|").append(largest, 0, at).append({'[', least, '-'});
        pattern.append({static_cast<char>(largest[at] - 1), ']'});
        if (const std::size_t rest = largest.size() - at - 1; rest > 0)
            pattern.append("[0-9]{").append(std::to_string(rest)).append("}");
    }
    pattern.append("|").append(largest).append(")|");
    write_number(std::numeric_limits<std::int64_t>::min(), pattern);
    return pattern + ")$";
}

// Cents are numbers that every reader of JSON keeps exactly; tokens count too finely for that.
void add_money(Schemas& schemas) {
    std::string limit;
    write_number(exact_number_max, limit);
    const auto form = [](std::string_view minor, std::string_view currencies) {
        return R"({"type":"object","properties":{"minor":)" + std::string{minor} +
               R"(,"currency":{"enum":[)" + std::string{currencies} +
               R"(]}},"required":["minor","currency"],"additionalProperties":false})";
    };
    const std::string cents =
        R"({"type":"integer","minimum":-)" + limit + R"(,"maximum":)" + limit + "}";
    add(schemas, "money", "An amount in the smallest units of its currency",
        R"({"oneOf":[)" + form(cents, R"("USD","EUR")") + "," +
            form(text_schema(whole_number_pattern()), R"("USDC","TFT")") + "]}");
}

} // namespace

std::string indented(std::string_view json) {
    std::string out;
    std::size_t depth = 0;
    bool quoted = false;
    const auto line = [&] { out.append("\n").append(2 * depth, ' '); };
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char one = json[i];
        if (quoted) {
            out += one;
            if (one == '\\') out += json[++i];
            if (one == '"') quoted = false;
            continue;
        }
        switch (one) {
        case '{':
        case '[':
            out += one;
            if (json[i + 1] == '}' || json[i + 1] == ']') {
                out += json[++i];
                break;
            }
            ++depth;
            line();
            break;
        case '}':
        case ']':
            --depth;
            line();
            out += one;
            break;
        case ',':
            out += one;
            line();
            break;
        case ':': out += ": "; break;
        default: quoted = one == '"'; out += one;
        }
    }
    return out + "\n";
}

Schemas message_schemas() {
    Schemas schemas;
    add_envelopes(schemas);
    add_money(schemas);
    boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, Aggregates>>(
        [&](auto type) {
            using Aggregate = typename decltype(type)::type;
            add_set<typename Aggregate::Command>(schemas, Unknown::refuse, "command");
            add_set<typename Aggregate::Event>(schemas, Unknown::skip, "event");
            const std::string name{Aggregate::name};
            add(schemas, name, "The resource " + name, record_schema<Aggregate>(Unknown::skip));
        });
    return schemas;
}

std::map<std::string, std::string> schema_files() {
    std::map<std::string, std::string> files;
    for (const auto& [name, schema] : message_schemas())
        files[name + ".json"] =
            indented(R"({"$schema":")" + std::string{dialect} + R"(","$id":")" + name +
                     R"(.json","title":")" + schema.title + R"(",)" + schema.text.substr(1));
    return files;
}

} // namespace schemas
