// Divides an amount among lines so that nothing is lost: by largest remainder.

#pragma once

#include "domain/money.hpp"
#include "domain/result.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace domain {

inline constexpr std::size_t split_lines_max = 10'000;

enum class SplitRejection { no_lines, too_many_lines, no_weight };
BOOST_DESCRIBE_ENUM(SplitRejection, no_lines, too_many_lines, no_weight)

// One part per weight, in their order. The parts add up to `total`, and each is its exact share
// total * weight / (sum of weights) rounded to one of the two whole numbers beside it. The units
// that rounding down leaves go to the largest remainders; of equal ones, to the earlier line. A
// negative total is split as its opposite is, with the signs turned. A line of weight zero gets
// nothing.
Result<std::vector<std::int64_t>, SplitRejection> split(std::int64_t total,
                                                        std::span<const std::uint64_t> weights);

// The same for an amount of money.
Result<std::vector<Money>, SplitRejection> split(const Money& total,
                                                 std::span<const std::uint64_t> weights);

} // namespace domain
