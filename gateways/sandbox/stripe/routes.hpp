// Which of Stripe's calls there are here.

#pragma once

#include "gateways/http/request.hpp"
#include "gateways/sandbox/stripe/requests.hpp"

namespace gateways::sandbox::stripe {

struct Route {
    http::Verb verb;
    std::string_view pattern;   // "/v1/customers/{}"
    std::string_view operation; // What faults call it.
    std::string_view kind;      // Of the answer, for expand[]; empty: nothing in it expands.
    std::string_view parameters;
    Request request;
    bool asks_bank = false; // A decline can happen.
    bool browser = false;   // A publishable key and the client secret are enough.
};

// The ids of the path are put into `ids`.
const Route* find_route(http::Verb verb, std::string_view path, std::vector<std::string>& ids);

} // namespace gateways::sandbox::stripe
