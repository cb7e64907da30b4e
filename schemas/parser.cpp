#include "schemas/parser.hpp"

#include <cstring>

namespace schemas {

namespace {

// simdjson keeps about ten bytes for each of a document.
constexpr std::size_t bytes_kept_max = 512 * 1024;
constexpr std::size_t bytes_at_first = 4 * 1024;

std::string problem_of(simdjson::error_code error) {
    switch (error) {
    case simdjson::EMPTY: return "is empty";
    case simdjson::DEPTH_ERROR: return "is nested too deeply";
    case simdjson::UTF8_ERROR: return "is not valid UTF-8";
    case simdjson::NUMBER_ERROR: return "has a number that is malformed or out of range";
    case simdjson::UNESCAPED_CHARS: return "has a control character in a string";
    case simdjson::UNCLOSED_STRING: return "has a string without an end";
    case simdjson::STRING_ERROR: return "has a malformed string";
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC: return "is too large";
    default: return "is not valid JSON";
    }
}

} // namespace

Decoded<Json> Parser::parse(std::string_view text, std::size_t bytes_max) {
    if (text.size() > bytes_max) return DecodeError{"", "is too large"};
    if (!ready_ || (parser_.capacity() > bytes_kept_max && text.size() <= bytes_kept_max)) {
        parser_ = simdjson::dom::parser{};
        std::vector<char>{}.swap(padded_);
        if (parser_.allocate(bytes_at_first, depth_max)) return DecodeError{"", "is too large"};
        ready_ = true;
    }
    if (padded_.size() < text.size() + simdjson::SIMDJSON_PADDING)
        padded_.resize(std::max(bytes_at_first, 2 * text.size()) + simdjson::SIMDJSON_PADDING);
    if (!text.empty()) std::memcpy(padded_.data(), text.data(), text.size());
    Json root;
    if (const auto error = parser_.parse(padded_.data(), text.size(), false).get(root))
        return DecodeError{"", problem_of(error)};
    return root;
}

Parser& thread_parser() {
    thread_local Parser parser;
    return parser;
}

} // namespace schemas
