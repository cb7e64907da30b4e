// expand[]: ids in an answer are replaced by what they name.

#pragma once

#include "gateways/sandbox/stripe/account.hpp"

namespace gateways::sandbox::stripe {

// `kind`: what is answered, "charge", or "list:charge" for a page of them. Refuses paths that
// there are not, before anything is executed.
void check_expansion(std::string_view kind, const std::vector<std::string>& paths);

void expand(const Account& account, std::string_view kind, const std::vector<std::string>& paths,
            boost::json::object& answer);

} // namespace gateways::sandbox::stripe
