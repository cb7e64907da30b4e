// What requests say besides their bodies, as the description has it: it allows what the routes
// take.

#include "gateways/market/openapi_parts.hpp"
#include "gateways/market/routes.hpp"
#include "schemas/json_schema.hpp"
#include "schemas/messages.hpp"

#include <array>
#include <cstdint>
#include <limits>

namespace gateways::market {

using boost::json::array;
using boost::json::object;
using boost::json::value;

namespace {

constexpr std::string_view id_pattern = "^[0-9A-Za-z_.]{1,64}$";
// Bare, or a structured field's string.
constexpr std::string_view key_pattern = R"(^([!#-~][!-~]{0,199}|"[!-~]{1,200}")$)";
constexpr std::string_view countries_pattern = "^[A-Z]{2}(,[A-Z]{2}){0,99}$";
constexpr std::string_view names_pattern = "^[^,]+(,[^,]+){0,99}$";
constexpr auto sort_orders = {"id", "price", "cru", "mru", "sru", "hru"};

value parameter(std::string_view name, std::string_view where, bool required,
                std::string_view about, value schema) {
    return object{{"name", name},
                  {"in", where},
                  {"required", required},
                  {"description", about},
                  {"schema", std::move(schema)}};
}

value choice(array names) { return object{{"type", "string"}, {"enum", std::move(names)}}; }

value whole_from(std::int64_t least) {
    return object{{"type", "integer"},
                  {"minimum", least},
                  {"maximum", std::numeric_limits<std::int32_t>::max()}};
}

value type_schema(std::string_view type) { return object{{"type", type}}; }

template <class T>
value schema_of_type() {
    return boost::json::parse(schemas::value_schema<T>(schemas::Unknown::refuse));
}

value sort_choice() {
    array names;
    for (const std::string name : sort_orders) {
        names.push_back(value(name));
        names.push_back(value("-" + name));
    }
    return choice(std::move(names));
}

} // namespace

value path_parameter(std::string_view name) {
    if (name == "id") return reference("parameters", "id");
    return parameter(name, "path", true, "As the resource names it",
                     object{{"type", "string"}, {"minLength", 1}});
}

value openapi_query_parameter(std::string_view name, const ResourceRoute* resource) {
    const auto narrows = [&](std::string_view about, value schema) {
        return parameter(name, "query", false, about, std::move(schema));
    };
    if (name == "limit" || name == "cursor") return reference("parameters", name);
    if (name == "status") {
        array names;
        for (const std::string_view status : statuses(resource->aggregate))
            names.push_back(value(status));
        return narrows("Only those that stand here", choice(std::move(names)));
    }
    if (name == "token")
        return parameter(name, "query", true, "What the link says of its bearer",
                         type_schema("string"));
    if (name == "owner" || name == "payer")
        return narrows("Only those of this account or provider", type_schema("string"));
    if (name == "country")
        return narrows("Only those in one of these, two letters each",
                       pattern_schema("Separated by commas", countries_pattern));
    if (name == "region" || name == "city" || name == "farm")
        return narrows("Only those in one of these",
                       pattern_schema("Up to 100, separated by commas", names_pattern));
    if (name == "gpu" || name == "ipv4" || name == "certified")
        return narrows("With true, only those that have it", type_schema("boolean"));
    if (name == "price_max") return narrows("In basis points of the list price", whole_from(1));
    if (name.ends_with("_min")) return narrows("At least so much is free", whole_from(0));
    if (name == "listing")
        return narrows("Instead of what is on offer", schema_of_type<domain::NodeListing>());
    if (name == "sort") return narrows("With a minus, from the largest", sort_choice());
    if (name == "from") return narrows("What is not before", schema_of_type<domain::Time>());
    if (name == "to")
        return narrows("What is before; not before `from`", schema_of_type<domain::Time>());
    if (name == "currency") return narrows("Only this one", schema_of_type<domain::Currency>());
    return narrows("Narrows what is answered", type_schema("string"));
}

object openapi_parameters() {
    object all;
    all["id"] =
        parameter("id", "path", true, "The resource's id", pattern_schema("An id", id_pattern));
    all["idempotency_key"] =
        parameter("Idempotency-Key", "header", true, "What makes a repetition the same command",
                  pattern_schema("1 to 200 visible characters", key_pattern));
    all["optional_key"] =
        parameter("Idempotency-Key", "header", false, "Not needed: a quote changes nothing",
                  pattern_schema("1 to 200 visible characters", key_pattern));
    all["if_match"] =
        parameter("If-Match", "header", false, "The version the resource has to stand at, or *",
                  type_schema("string"));
    all["if_none_match"] =
        parameter("If-None-Match", "header", false,
                  "The version that is known: 304 when it is still that", type_schema("string"));
    all["min_position"] =
        parameter("Min-Position", "header", false, "The `position` this read has to contain",
                  pattern_schema("<partition>:<offset>; nothing is as if it were "
                                 "not there",
                                 "^([0-9]+:[0-9]+)?$"));
    all["last_event_id"] = parameter(
        "Last-Event-ID", "header", false, "The `id` of the last event that was heard",
        pattern_schema("Of this stream; nothing is as if it were not there", "^[0-9A-Za-z_-]*$"));
    all["stripe_signature"] =
        parameter("Stripe-Signature", "header", true,
                  "A time, and keyed hashes of it and the body as it was sent",
                  object{{"type", "string"}, {"minLength", 1}});
    all["limit"] = parameter("limit", "query", false, "At most so many; above 100 means 100",
                             object{{"type", "integer"}, {"minimum", 1}, {"default", 20}});
    all["cursor"] =
        parameter("cursor", "query", false, "The `next_cursor` of the page before",
                  pattern_schema("Of this list; nothing begins it", "^[0-9A-Za-z_-]*$"));
    return all;
}

} // namespace gateways::market
