// Durations, counted in buckets that are 1/128 of their value wide: any quantile is right to
// within 1 %, and recording costs an addition.

#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace bench {

class Histogram {
public:
    void add(std::uint64_t nanoseconds) {
        ++counts_[bucket(nanoseconds)];
        ++total_;
    }

    std::uint64_t total() const { return total_; }

    // The middle of the bucket in which this share of all durations is reached; 0 when there
    // are none. `share` is above 0 and at most 1.
    double quantile_ms(double share) const {
        const double wanted = share * static_cast<double>(total_);
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            seen += counts_[i];
            if (seen > 0 && static_cast<double>(seen) >= wanted) return middle(i) * 1e-6;
        }
        return 0;
    }

private:
    static constexpr unsigned fine_bits = 7; // 128 buckets for each power of two.

    // Below 2 * 128 every value has its own; above, a value keeps its 8 highest bits.
    static std::size_t bucket(std::uint64_t value) {
        const auto width = static_cast<unsigned>(std::bit_width(value));
        if (width <= fine_bits + 1) return value;
        const unsigned dropped = width - fine_bits - 1;
        return (std::size_t{dropped} << fine_bits) + (value >> dropped);
    }
    static double middle(std::size_t index) {
        if (index < (2U << fine_bits)) return static_cast<double>(index);
        const std::size_t dropped = (index >> fine_bits) - 1;
        const std::size_t kept = index - (dropped << fine_bits);
        return (static_cast<double>(kept) + 0.5) * static_cast<double>(std::uint64_t{1} << dropped);
    }

    std::array<std::uint64_t, (64 - fine_bits + 1) << fine_bits> counts_{};
    std::uint64_t total_ = 0;
};

} // namespace bench
