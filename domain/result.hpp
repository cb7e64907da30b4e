// The answer of a domain rule: a value, or the reason why not.

#pragma once

#include <boost/system/result.hpp>

namespace domain {

template <class Value, class Reason>
using Result = boost::system::result<Value, Reason>;

} // namespace domain
