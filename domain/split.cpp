#include "domain/split.hpp"

#include <algorithm>
#include <numeric>

namespace domain {

namespace {

__extension__ using UInt128 = unsigned __int128;

} // namespace

Result<std::vector<std::int64_t>, SplitRejection> split(std::int64_t total,
                                                        std::span<const std::uint64_t> weights) {
    if (weights.empty()) return SplitRejection::no_lines;
    if (weights.size() > split_lines_max) return SplitRejection::too_many_lines;
    const UInt128 sum = std::accumulate(weights.begin(), weights.end(), UInt128{0});
    if (sum == 0) return SplitRejection::no_weight;

    // Below 2^63 + 1, so that a product with a weight stays below 2^128.
    const bool negative = total < 0;
    const std::uint64_t size = negative ? std::uint64_t{0} - static_cast<std::uint64_t>(total)
                                        : static_cast<std::uint64_t>(total);

    std::vector<std::uint64_t> parts(weights.size());
    std::vector<UInt128> remainders(weights.size());
    std::uint64_t left = size;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const UInt128 product = UInt128{size} * weights[i];
        parts[i] = static_cast<std::uint64_t>(product / sum);
        remainders[i] = product % sum;
        left -= parts[i];
    }

    // The remainders add up to left * sum, so fewer lines than there are get a unit, and only
    // lines with a remainder.
    if (left > 0) {
        std::vector<std::uint32_t> order(weights.size());
        std::iota(order.begin(), order.end(), 0U);
        const auto first = order.begin();
        const auto end = first + static_cast<std::ptrdiff_t>(left);
        std::partial_sort(first, end, order.end(), [&](std::uint32_t one, std::uint32_t other) {
            if (remainders[one] != remainders[other]) return remainders[one] > remainders[other];
            return one < other;
        });
        std::for_each(first, end, [&](std::uint32_t line) { ++parts[line]; });
    }

    std::vector<std::int64_t> signed_parts(parts.size());
    std::ranges::transform(parts, signed_parts.begin(), [negative](std::uint64_t part) {
        return static_cast<std::int64_t>(negative ? std::uint64_t{0} - part : part);
    });
    return signed_parts;
}

Result<std::vector<Money>, SplitRejection> split(const Money& total,
                                                 std::span<const std::uint64_t> weights) {
    const auto numbers = split(total.minor, weights);
    if (!numbers) return numbers.error();
    std::vector<Money> parts;
    parts.reserve(numbers->size());
    for (const std::int64_t number : *numbers)
        parts.push_back({number, total.currency});
    return parts;
}

} // namespace domain
