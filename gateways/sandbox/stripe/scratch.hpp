// Memory for the JSON of one call: rendering makes thousands of small pieces that all go at once.

#pragma once

#include <boost/json/storage_ptr.hpp>

namespace gateways::sandbox::stripe {

// This thread's. What is made in it is gone with the next clear_scratch() of the thread; copies
// into other memory stay.
boost::json::storage_ptr scratch();
void clear_scratch();

} // namespace gateways::sandbox::stripe
