// A value that was read, or why it could not be.

#pragma once

#include <boost/system/result.hpp>

#include <stdexcept>
#include <string>

namespace schemas {

// Where in the document, and what is wrong there: {"amount.minor", "is not an integer"}.
struct DecodeError {
    std::string where;
    std::string problem;
};

// Lets value() throw where an unreadable document is a fault: in our own event log.
[[noreturn]] inline void throw_exception_from_error(const DecodeError& error,
                                                    const boost::source_location&) {
    throw std::runtime_error{error.where + " " + error.problem};
}

template <class T>
using Decoded = boost::system::result<T, DecodeError>;

} // namespace schemas
