// The parameters of a request, decoded.

#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gateways::market {

// "%41+b" is "A b". Nothing when a percent sign stands alone.
std::optional<std::string> percent_decoded(std::string_view text);

class Query {
public:
    // The error is the name of the first parameter that is none of `names`, is there twice, or
    // cannot be decoded.
    static boost::system::result<Query, std::string> parse(std::string_view text,
                                                           std::span<const std::string_view> names);

    // Null when it is not there.
    const std::string* find(std::string_view name) const;

    // Of "limit": 1 to 100, more counts as 100, absent is 20; nothing when it is no number.
    std::optional<std::size_t> limit() const;
    // Of "cursor". Null, also when it is empty: the list from its beginning.
    const std::string* cursor() const;

    // All that says which list is meant: without "limit" and "cursor", in the order of the names.
    std::string list_text() const;

private:
    std::vector<std::pair<std::string, std::string>> values_;
};

// Digits alone, up to `max`.
std::optional<std::uint64_t> parse_whole(std::string_view text, std::uint64_t max);

} // namespace gateways::market
