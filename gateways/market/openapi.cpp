#include "gateways/market/openapi.hpp"

#include "gateways/market/openapi_parts.hpp"
#include "gateways/market/orders.hpp"
#include "gateways/market/reads.hpp"
#include "gateways/market/routes.hpp"
#include "gateways/market_registry.hpp"
#include "schemas/json_schema.hpp"
#include "schemas/messages.hpp"
#include "schemas/schema_files.hpp"

#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <stdexcept>

namespace gateways::market {

namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

std::string text_of(const std::filesystem::path& file) {
    std::ifstream stream{file, std::ios::binary};
    if (!stream) throw std::runtime_error{file.string() + " cannot be read"};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

// Compact JSON of a schema; what stands in a file of its own is a component here.
value schema_value(std::string text) {
    const std::string file = R"("$ref":")" + std::string{schemas::money_schema_name} + '"';
    const std::string component = R"("$ref":"#/components/schemas/money")";
    for (auto at = text.find(file); at != std::string::npos; at = text.find(file, at))
        text.replace(at, file.size(), component);
    return boost::json::parse(text);
}

template <class T>
value schema_of(schemas::Unknown unknown) {
    return schema_value(schemas::record_schema<T>(unknown));
}

// What the types say of one aggregate.
struct Described {
    std::string first_event; // Its type.
    array rejections;
};
std::map<std::string_view, Described> described() {
    std::map<std::string_view, Described> all;
    boost::mp11::mp_for_each<
        boost::mp11::mp_transform<boost::mp11::mp_identity, schemas::Aggregates>>([&](auto type) {
        using Domain = typename decltype(type)::type;
        Described& one = all[Domain::name];
        one.first_event = std::variant_alternative_t<0, typename Domain::Event>::type;
        schemas::for_each_name<typename Domain::Rejection>([&](auto name) {
            const std::string_view code = name.name;
            if (code != "not_found") one.rejections.push_back(value(code));
        });
        one.rejections.push_back("stream_unreadable");
    });
    return all;
}

// "payment.record_outcome" reads "record outcome".
std::string words(std::string_view name) {
    std::string text{name};
    for (char& c : text)
        if (c == '_' || c == '-') c = ' ';
    return text;
}

array role_names(token::Roles roles) {
    array names;
    for (unsigned bit = 1; bit <= static_cast<unsigned>(token::Roles::auditor); bit <<= 1)
        if (const auto role = static_cast<token::Roles>(bit); (roles & role) != token::Roles::none)
            names.push_back(value(token::names_of(role)));
    return names;
}

std::string who_may(const Route& route) {
    if (route.roles == token::Roles::none) return "Needs no token.";
    const auto listed = [](token::Roles roles) {
        std::string names = token::names_of(roles);
        for (auto at = names.find(' '); at != std::string::npos; at = names.find(' ', at + 2))
            names.insert(at, 1, ',');
        return names;
    };
    std::string text = "Roles: " + listed(route.roles) + ".";
    if (route.own != token::Roles::none)
        text += " Only what is their own: " + listed(route.own) + ".";
    if (route.second_factor) text += " An operator needs a recent second factor.";
    return text;
}

class Document {
public:
    explicit Document(const std::filesystem::path& examples) : examples_{examples} {}

    std::string make() {
        for (const Route& route : all_routes())
            add(route);
        object document;
        document["openapi"] = "3.1.1";
        document["info"] = openapi_info();
        document["servers"] = array{object{{"url", "/"}, {"description", "This instance"}}};
        document["security"] = array{object{{"token", array{}}}};
        array tags;
        for (const auto& [name, text] : tags_)
            tags.push_back(object{{"name", name}, {"description", text}});
        document["tags"] = std::move(tags);
        document["paths"] = std::move(paths_);
        document["components"] = components();
        return schemas::indented(boost::json::serialize(document));
    }

private:
    void add(const Route& route) {
        object operation;
        switch (route.kind) {
        case Route::Kind::command: operation = command(route); break;
        case Route::Kind::plain: operation = plain(route); break;
        default: operation = read(route);
        }
        if (route.roles == token::Roles::none)
            operation["security"] = array{};
        else
            operation["x-roles"] = role_names(route.roles);
        const auto method = route.method == http::Verb::get ? "get" : "post";
        if (paths_[route.path].is_null()) paths_[route.path] = object{};
        paths_[route.path].as_object()[method] = std::move(operation);
    }

    object begin(const Route& route, std::string_view tag, std::string tag_text, std::string id,
                 std::string summary) {
        tags_.emplace(tag, std::move(tag_text));
        object operation;
        operation["operationId"] = std::move(id);
        operation["tags"] = array{value(tag)};
        operation["summary"] = std::move(summary);
        operation["description"] = who_may(route);
        array parameters;
        for (auto at = route.path.find('{'); at != std::string::npos;
             at = route.path.find('{', at + 1)) {
            const auto name = route.path.substr(at + 1, route.path.find('}', at) - at - 1);
            parameters.push_back(path_parameter(name));
        }
        for (const std::string_view name : route.query)
            parameters.push_back(openapi_query_parameter(name, route.resource));
        operation["parameters"] = std::move(parameters);
        return operation;
    }

    object command(const Route& route) {
        const std::string_view type = route.command->type;
        const auto point = type.find('.');
        const std::string_view aggregate = type.substr(0, point);
        object operation =
            begin(route, route.command->resource, tag_text(aggregate), std::string{type},
                  "Command to a " + words(aggregate) + ": " + words(type.substr(point + 1)));
        const bool creates = route.command->verb.empty();
        add_parameter(operation, "idempotency_key");
        if (!creates) add_parameter(operation, "if_match");
        needed_.insert(std::string{type});
        operation["requestBody"] = json_body(reference("schemas", type));
        object responses;
        responses[creates ? "201" : "200"] = resource_answer(
            aggregate, creates, creates ? route.command->resource : std::string_view{});
        add_refusals(responses,
                     {"400", "401", "403", "404", "413", "415", "422", "429", "500", "503"});
        if (!creates) responses["412"] = reference("responses", "412");
        responses["409"] = refusals_of(aggregate);
        responses["default"] = reference("responses", "default");
        operation["responses"] = std::move(responses);
        return operation;
    }

    object read(const Route& route) {
        const std::string_view aggregate = route.resource->aggregate;
        const std::string resource{route.resource->resource};
        const std::string tag = tag_text(aggregate);
        object operation, responses;
        const std::string one = words(aggregate);
        if (route.kind == Route::Kind::list) {
            operation = begin(route, resource, tag, resource + ".list",
                              "Those of the kind " + one + ", newest first");
            responses["200"] = json_answer("A page", list_schema(aggregate));
        } else if (route.kind == Route::Kind::one) {
            operation = begin(route, resource, tag, resource + ".get", "One " + one);
            add_parameter(operation, "if_none_match");
            responses["200"] = resource_answer(aggregate, false, {});
            responses["304"] = reference("responses", "304");
            responses["404"] = reference("responses", "404");
        } else {
            operation = begin(route, resource, tag, resource + ".events",
                              "All that happened to one " + one + ", as it stands in the log");
            responses["200"] = events_answer(aggregate);
            responses["404"] = reference("responses", "404");
        }
        add_parameter(operation, "min_position");
        add_refusals(responses, {"400", "401", "403", "503"});
        responses["default"] = reference("responses", "default");
        operation["responses"] = std::move(responses);
        return operation;
    }

    // Bodies that are known by more than their route.
    object plain(const Route& route) {
        const std::string_view path = route.path;
        std::string id{path.starts_with("/v1/") ? path.substr(4) : path.substr(1)};
        for (char& c : id)
            if (c == '/' || c == '{' || c == '}') c = '.';
        const bool post = route.method == http::Verb::post;
        id += post ? ".post" : ".read"; // Resources have .get and .list.
        const auto slash = path.starts_with("/v1/") ? path.find('/', 4) : std::string_view::npos;
        const bool health = !path.starts_with("/v1/");
        const std::string_view tag = health ? "health" : path.substr(4, slash - 4);
        object operation =
            begin(route, tag, health ? "For whoever runs it" : words(tag), id, summary_of(route));
        object responses;
        if (path == "/v1/quotes" || path == "/v1/deployments" || path == "/v1/commands") {
            if (path != "/v1/commands")
                add_parameter(operation, path == "/v1/quotes" ? "optional_key" : "idempotency_key");
            operation["requestBody"] =
                json_body(reference("schemas", path == "/v1/quotes"        ? "quote_request"
                                               : path == "/v1/deployments" ? "order"
                                                                           : "batch"));
            if (path == "/v1/deployments")
                responses["201"] = resource_answer("deployment", true, "deployments");
            else
                responses[path == "/v1/quotes" ? "201" : "200"] = json_answer(
                    path == "/v1/quotes" ? "A quote" : "An answer for each, in their order",
                    reference("schemas", path == "/v1/quotes" ? "quote" : "batch_answers"));
            add_refusals(responses, {"403", "404", "413", "415", "422", "429", "500"});
            if (path != "/v1/commands") responses["409"] = reference("responses", "409");
        } else if (path == "/v1/webhooks/stripe") {
            add_parameter(operation, "stripe_signature");
            operation["requestBody"] = json_body(object{{"type", "object"}});
            responses["200"] =
                object{{"description", "It is kept"},
                       {"headers", object{{"Request-Id", reference("headers", "request_id")}}}};
            add_refusals(responses, {"404", "409", "413"});
        } else if (path == "/v1/pay/{payment}/confirm") {
            add_parameter(operation, "idempotency_key");
            add_parameter(operation, "if_match");
            needed_.insert("payment.confirm");
            operation["requestBody"] = json_body(reference("schemas", "payment.confirm"));
            responses["200"] = resource_answer("payment", false, {});
            responses["409"] = refusals_of("payment");
            add_refusals(responses, {"412", "413", "415", "422", "429", "500"});
        } else {
            // What is posted here makes a document, and has nothing to say.
            responses[post ? "201" : "200"] = openapi_answer(
                "The answer", route.content_type,
                object{{"type", route.content_type == http::json_type ? "object" : "string"}});
            if (post) add_refusals(responses, {"409", "422"});
        }
        if (path == "/v1/events") {
            add_parameter(operation, "last_event_id");
            add_refusals(responses, {"429"});
        }
        if (path.starts_with("/v1/pay/")) add_refusals(responses, {"401", "403"});
        if (route.has_position) add_parameter(operation, "min_position");
        if (path == "/v1/openapi.json") {
            add_parameter(operation, "if_none_match");
            responses["200"].as_object()["headers"].as_object()["ETag"] =
                reference("headers", "etag");
            responses["304"] = reference("responses", "304");
        }
        if (path == "/readyz")
            responses["503"] =
                openapi_answer("Not yet, or not now", "text/plain", object{{"type", "string"}});
        else if (!health)
            responses["503"] = reference("responses", "503");
        add_refusals(responses, {"400"});
        if (route.roles != token::Roles::none) add_refusals(responses, {"401", "403"});
        if (path.find('{') != std::string_view::npos) add_refusals(responses, {"404"});
        responses["default"] = reference("responses", "default");
        operation["responses"] = std::move(responses);
        return operation;
    }

    // Rows without one are told by their path.
    static std::string summary_of(const Route& route) {
        if (!route.summary.empty()) return std::string{route.summary};
        return words(route.path.substr(route.path.rfind("/v1/") + 4));
    }

    static std::string tag_text(std::string_view aggregate) {
        return "Resources of the kind " + words(aggregate);
    }

    static void add_parameter(object& operation, std::string_view name) {
        operation["parameters"].as_array().push_back(reference("parameters", name));
    }

    static void add_refusals(object& responses, std::initializer_list<std::string_view> statuses) {
        for (const std::string_view status : statuses)
            responses[status] = reference("responses", status);
    }

    // The resource as it stands after its first event, whose example is stored.
    value example(std::string_view aggregate) {
        const std::string text =
            text_of(examples_ / (described_.at(aggregate).first_event + ".json"));
        schemas::EnvelopeReader reader;
        const auto event = reader.event(text).value();
        const auto state = market_registry().named(aggregate)->fresh();
        state->evolve(event.type, event.data).value();
        std::string json;
        state->write(json);
        return boost::json::parse(resource_json(event.stream.substr(event.stream.find('-') + 1), 1,
                                                {3, 17}, event.time, event.time, json));
    }

    value resource_answer(std::string_view aggregate, bool creates, std::string_view resource) {
        resource_schema(aggregate);
        const std::string name = std::string{aggregate} + (creates ? "_created" : "");
        if (!responses_.contains(name)) {
            object answer = json_answer(creates ? "Made" : "As it stands",
                                        reference("schemas", std::string{aggregate} + "_resource"))
                                .as_object();
            answer["content"].as_object()["application/json"].as_object()["example"] =
                example(aggregate);
            auto& headers = answer["headers"].as_object();
            headers["ETag"] = reference("headers", "etag");
            headers["Idempotent-Replayed"] = reference("headers", "replayed");
            if (creates) {
                headers["Location"] = reference("headers", "location");
                answer["links"] =
                    object{{"read", object{{"operationId", std::string{resource} + ".get"},
                                           {"parameters", object{{"path.id", "$response.body#/id"},
                                                                 {"header.Min-Position",
                                                                  "$response.body#/position"}}}}}};
            }
            responses_[name] = std::move(answer);
        }
        return reference("responses", name);
    }

    value resource_schema(std::string_view aggregate) {
        needed_.insert(std::string{aggregate});
        const std::string name = std::string{aggregate} + "_resource";
        schemas_[name] = object{{"allOf", array{reference("schemas", "resource_head"),
                                                reference("schemas", aggregate)}}};
        return reference("schemas", name);
    }

    value list_schema(std::string_view aggregate) {
        return object{{"type", "object"},
                      {"properties", object{{"data", object{{"type", "array"},
                                                            {"items", resource_schema(aggregate)}}},
                                            {"next_cursor", object{{"type", "string"}}},
                                            {"has_more", object{{"type", "boolean"}}}}},
                      {"required", array{"data", "has_more"}}};
    }

    value events_answer(std::string_view aggregate) {
        needed_.insert("event");
        value answer =
            json_answer("Oldest first",
                        object{{"type", "object"},
                               {"properties",
                                object{{"data", object{{"type", "array"},
                                                       {"items", reference("schemas", "event")}}}}},
                               {"required", array{"data"}}});
        answer.as_object()["content"].as_object()["application/json"].as_object()["example"] =
            object{{"data", array{boost::json::parse(text_of(
                                examples_ / (described_.at(aggregate).first_event + ".json")))}}};
        return answer;
    }

    value refusals_of(std::string_view aggregate) {
        const std::string name = std::string{aggregate} + "_refused";
        if (!responses_.contains(name))
            responses_[name] = openapi_answer(
                "Refused by the rules; `code` says by which", http::problem_type,
                object{{"allOf",
                        array{reference("schemas", "problem"),
                              object{{"properties",
                                      object{{"code", object{{"enum", described_.at(aggregate)
                                                                          .rejections}}}}}}}}});
        return reference("responses", name);
    }

    object components() {
        const auto known = schemas::message_schemas();
        needed_.insert("money");
        schemas_["quote_terms"] = schema_of<domain::QuoteTerms>(schemas::Unknown::skip);
        schemas_["quote_request"] = schema_of<QuoteAsk>(schemas::Unknown::refuse);
        schemas_["order"] = schema_of<OrderAsk>(schemas::Unknown::refuse);
        for (const std::string& name : needed_) {
            value schema = schema_value(known.at(name).text);
            schema.as_object()["title"] = known.at(name).title;
            schemas_[name] = std::move(schema);
        }
        add_openapi_schemas(schemas_);
        add_openapi_responses(responses_);
        object all;
        all["securitySchemes"] =
            object{{"token", object{{"type", "http"},
                                    {"scheme", "bearer"},
                                    {"bearerFormat", "JWT"},
                                    {"description", "RFC 9068: an access token with roles and "
                                                    "tenant"}}}};
        all["parameters"] = openapi_parameters();
        all["headers"] = openapi_headers();
        all["responses"] = std::move(responses_);
        all["schemas"] = std::move(schemas_);
        return all;
    }

    const std::filesystem::path& examples_;
    const std::map<std::string_view, Described> described_ = described();
    std::map<std::string, std::string, std::less<>> tags_;
    std::set<std::string> needed_; // Of the message schemas.
    object paths_, responses_, schemas_;
};

} // namespace

std::string make_openapi(const std::filesystem::path& examples) {
    return Document{examples}.make();
}

} // namespace gateways::market
