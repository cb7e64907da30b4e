// Names and values as forms and queries carry them (application/x-www-form-urlencoded).

#pragma once

#include "gateways/sandbox/front.hpp"

#include <boost/json/object.hpp>

namespace gateways::sandbox {

// "%41+b" gives "A b". Nothing when a percent sign is not followed by two hexadecimal digits.
std::optional<std::string> percent_decoded(std::string_view text);

// In their order; nothing when something cannot be decoded.
std::optional<Fields> decode_form(std::string_view text);

// Stripe's way to nest: "a[b][c]=1" is {"a": {"b": {"c": "1"}}}; "a[]=1&a[]=2" and "a[0]=1&a[1]=2"
// are {"a": {"0": "1", "1": "2"}}. All values are text. Nothing when the names do not fit together.
std::optional<boost::json::object> nested(const Fields& fields);

} // namespace gateways::sandbox
