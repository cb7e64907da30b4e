// A BOOST_DESCRIBE line under a struct names its fields. Equality comes from it here;
// JSON and JSON Schema come from it in schemas/.

#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <boost/describe/operators.hpp>

namespace domain {

using boost::describe::operators::operator==;

} // namespace domain
