// What many operations of the description have in common. Included by its own files.

#pragma once

#include "gateways/market/command_routes.hpp"

#include <boost/json.hpp>

#include <string_view>

namespace gateways::market {

// {"$ref": "#/components/<kind>/<name>"}
boost::json::value reference(std::string_view kind, std::string_view name);

// {"type": "string"} of this form.
boost::json::value pattern_schema(std::string_view description, std::string_view pattern);

boost::json::value path_parameter(std::string_view name);
// `resource` is whose list it is of; else null.
boost::json::value openapi_query_parameter(std::string_view name, const ResourceRoute* resource);

// A response with a body of this type and the headers that every response has.
boost::json::value openapi_answer(std::string_view description, std::string_view content_type,
                                  boost::json::value schema);
boost::json::value json_answer(std::string_view description, boost::json::value schema);
boost::json::value json_body(boost::json::value schema);

boost::json::object openapi_info();
boost::json::object openapi_parameters();
boost::json::object openapi_headers();
void add_openapi_schemas(boost::json::object& schemas);
void add_openapi_responses(boost::json::object& responses);

} // namespace gateways::market
