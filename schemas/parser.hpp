// Bytes to a JSON value: strict, and bounded in size and depth.

#pragma once

#include "schemas/decoded.hpp"

#include <simdjson.h>

#include <cstddef>
#include <string_view>
#include <vector>

namespace schemas {

// A parsed JSON value, valid as long as the document it is part of.
using Json = simdjson::dom::element;

inline constexpr std::size_t depth_max = 16;

// Keeps its buffers between calls, but none that a large document left behind. One thread.
class Parser {
public:
    // The value stays valid until the next call. `text` is not needed afterwards.
    Decoded<Json> parse(std::string_view text, std::size_t bytes_max);

private:
    simdjson::dom::parser parser_;
    std::vector<char> padded_; // simdjson reads some bytes beyond the end.
    bool ready_ = false;
};

// The parser of this thread, for what is read at once.
Parser& thread_parser();

} // namespace schemas
