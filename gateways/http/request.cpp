#include "gateways/http/request.hpp"

#include <boost/beast/core/string.hpp>

namespace gateways::http {

std::string_view Request::header(std::string_view name) const {
    for (const Header& field : headers)
        if (boost::beast::iequals({field.name.data(), field.name.size()},
                                  {name.data(), name.size()}))
            return field.value;
    return {};
}

} // namespace gateways::http
