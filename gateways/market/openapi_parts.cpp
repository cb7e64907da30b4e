#include "gateways/market/openapi_parts.hpp"

#include "gateways/http/response.hpp"

#include <string>
#include <utility>

namespace gateways::market {

using boost::json::array;
using boost::json::object;
using boost::json::value;

namespace {

constexpr const char* description = R"(Commands are posted, and answered when they are durable.

* **Idempotency.** A command carries an `Idempotency-Key`. The same key from the same caller at the
  same path is the same command: it takes effect once, and the answer is the same each time, with
  `Idempotent-Replayed: true`. The same key with another body is 422 `idempotency_key_reused`.
* **Versions.** A resource's `version` is its `ETag`. A command with `If-Match` is decided only at
  that version, else 412.
* **Read what was written.** An answer's `position` in a later read's `Min-Position` lets the read
  wait, five seconds at most, until it contains that change; then 503 `view_behind`.
* **Problems** are RFC 9457 documents. `code` is stable, `retryable` says whether the same request
  may succeed later, and `errors` names the wrong field by its JSON pointer, header or parameter.
* **Lists** come newest first, in pages. A cursor belongs to the list it came from.
* **Numbers.** Integers are written without fraction and exponent: `64.0` is refused, and so is what
  64 bits cannot hold. Unknown members
  of a body and unknown query parameters are refused. Clients skip members they do not know.
* **HEAD** is answered wherever GET is.)";

value header(std::string_view about, value schema) {
    return object{{"description", about}, {"schema", std::move(schema)}};
}

constexpr std::string_view position_pattern = "^[0-9]+:[0-9]+$";

} // namespace

value reference(std::string_view kind, std::string_view name) {
    return object{{"$ref", "#/components/" + std::string{kind} + "/" + std::string{name}}};
}

value pattern_schema(std::string_view about, std::string_view pattern) {
    return object{{"type", "string"}, {"description", about}, {"pattern", pattern}};
}

value openapi_answer(std::string_view about, std::string_view content_type, value schema) {
    return object{{"description", about},
                  {"headers", object{{"Request-Id", reference("headers", "request_id")}}},
                  {"content", object{{content_type, object{{"schema", std::move(schema)}}}}}};
}

value json_answer(std::string_view about, value schema) {
    return openapi_answer(about, http::json_type, std::move(schema));
}

value json_body(value schema) {
    return object{{"required", true},
                  {"content", object{{http::json_type, object{{"schema", std::move(schema)}}}}}};
}

object openapi_info() {
    return {{"title", "Cloud marketplace"},
            {"version", "1"},
            {"summary", "Prices, orders, payments and deployments of a cloud marketplace"},
            {"description", description},
            {"contact", object{{"name", "Whoever runs this marketplace"}}},
            {"license", object{{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}};
}

object openapi_headers() {
    object all;
    all["request_id"] = header("Ours, for questions about this request",
                               pattern_schema("24 hexadecimal digits", "^[0-9a-f]{24}$"));
    all["etag"] = header("The validator", pattern_schema("In quotes", "^\"[0-9a-f]+\"$"));
    all["location"] = header("Where the resource is read",
                             object{{"type", "string"}, {"format", "uri-reference"}});
    all["replayed"] = header("The command had been decided before",
                             object{{"type", "string"}, {"const", "true"}});
    all["retry_after"] = header("Seconds", object{{"type", "integer"}, {"minimum", 0}});
    all["allow"] = header("What may be asked of this path", object{{"type", "string"}});
    all["challenge"] = header("What is wrong with the token", object{{"type", "string"}});
    return all;
}

void add_openapi_schemas(object& schemas) {
    const value string = object{{"type", "string"}};
    const value moment = object{{"type", "string"}, {"format", "date-time"}};
    const value position =
        pattern_schema("<partition>:<offset> of the last event", position_pattern);
    schemas["resource_head"] =
        object{{"type", "object"},
               {"title", "What every resource begins with"},
               {"properties", object{{"id", string},
                                     {"version", object{{"type", "integer"}, {"minimum", 1}}},
                                     {"position", position},
                                     {"created", moment},
                                     {"updated", moment}}},
               {"required", array{"id", "version", "position", "created", "updated"}}};
    schemas["problem"] = object{
        {"type", "object"},
        {"title", "A refusal, as RFC 9457 has it"},
        {"properties",
         object{{"type", object{{"type", "string"}, {"format", "uri-reference"}}},
                {"title", string},
                {"status", object{{"type", "integer"}, {"minimum", 400}, {"maximum", 599}}},
                {"detail", string},
                {"instance", object{{"type", "string"}, {"format", "uri"}}},
                {"code", pattern_schema("Stable, never reused for something else", "^[a-z0-9_]+$")},
                {"request_id", pattern_schema("24 hexadecimal digits", "^[0-9a-f]{24}$")},
                {"retryable", object{{"type", "boolean"}}},
                {"errors", object{{"type", "array"},
                                  {"items", object{{"type", "object"},
                                                   {"properties", object{{"pointer", string},
                                                                         {"field", string},
                                                                         {"detail", string}}},
                                                   {"required", array{"detail"}}}}}}}},
        {"required",
         array{"type", "title", "status", "instance", "code", "request_id", "retryable"}}};
    schemas["quote"] =
        object{{"type", "object"},
               {"properties",
                object{{"quote", object{{"type", "string"},
                                        {"description", "The terms, sealed: what is ordered"}}},
                       {"terms", reference("schemas", "quote_terms")}}},
               {"required", array{"quote", "terms"}}};
    schemas["batch"] = object{
        {"type", "object"},
        {"properties", object{{"commands", object{{"type", "array"},
                                                  {"minItems", 1},
                                                  {"maxItems", 1000},
                                                  {"items", reference("schemas", "batch_item")}}}}},
        {"required", array{"commands"}},
        {"additionalProperties", false}};
    // Items are judged one by one, so what is wrong with one is no fault of the batch.
    schemas["batch_item"] = object{
        {"description",
         "A command: `key`, `type`, `id` (unless it makes a resource) and `data`, as it would be "
         "posted alone. What is wrong with one is told in its own answer."}};
    schemas["batch_answers"] = object{
        {"type", "object"},
        {"properties",
         object{{"answers",
                 object{{"type", "array"},
                        {"items",
                         object{{"type", "object"},
                                {"properties", object{{"status", object{{"type", "integer"}}},
                                                      {"id", string},
                                                      {"version", object{{"type", "integer"}}},
                                                      {"position", position},
                                                      {"code", string},
                                                      {"field", string},
                                                      {"detail", string},
                                                      {"replayed", object{{"type", "boolean"}}}}},
                                {"required", array{"status"}}}}}}}},
        {"required", array{"answers"}}};
}

void add_openapi_responses(object& responses) {
    const auto add = [&](std::string_view name, std::string_view about,
                         std::string_view header_name = {}, std::string_view header_part = {}) {
        value answer = openapi_answer(about, http::problem_type, reference("schemas", "problem"));
        if (!header_name.empty())
            answer.as_object()["headers"].as_object()[header_name] =
                reference("headers", header_part);
        responses[name] = std::move(answer);
    };
    responses["304"] =
        object{{"description", "It is still that version"},
               {"headers", object{{"ETag", reference("headers", "etag")},
                                  {"Request-Id", reference("headers", "request_id")}}}};
    add("400", "The request cannot be read: body, header or query");
    add("401", "No token, or none that is valid", "WWW-Authenticate", "challenge");
    add("403", "The token's roles do not allow this, or it is somebody else's");
    add("404", "Not there, or not the caller's");
    add("409", "Refused by the rules; `code` says by which");
    add("412", "It is at another version");
    add("413", "The body is too large");
    add("415", "The body is not JSON");
    add("422", "The body is not of this form, or the key was used for another one");
    add("429", "Too many commands wait", "Retry-After", "retry_after");
    add("500", "It cannot be decided, and was set aside for the operators");
    add("503", "Not now", "Retry-After", "retry_after");
    add("default", "Any other problem, as 405 with `Allow`", "Allow", "allow");
}

} // namespace gateways::market
