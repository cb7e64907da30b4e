// An amount of one currency, counted in its smallest unit. Never a float.

#pragma once

#include "domain/contract.hpp"
#include "domain/described.hpp"

#include <compare>
#include <cstdint>
#include <limits>

namespace domain {

// USD and EUR count cents; USDC and TFT count the 10^-7 unit of the Stellar ledger.
enum class Currency { usd, eur, usdc, tft };
BOOST_DESCRIBE_ENUM(Currency, usd, eur, usdc, tft)

struct Money {
    std::int64_t minor = 0;
    Currency currency = Currency::usd;
};
BOOST_DESCRIBE_STRUCT(Money, (), (minor, currency))

inline std::strong_ordering operator<=>(const Money& left, const Money& right) {
    expects(left.currency == right.currency, "money is compared in one currency");
    return left.minor <=> right.minor;
}

inline Money operator+(const Money& left, const Money& right) {
    expects(left.currency == right.currency, "money is added in one currency");
    Money sum{0, left.currency};
    expects(!__builtin_add_overflow(left.minor, right.minor, &sum.minor), "a sum of money fits");
    return sum;
}

inline Money operator-(const Money& left, const Money& right) {
    expects(left.currency == right.currency, "money is subtracted in one currency");
    Money rest{0, left.currency};
    expects(!__builtin_sub_overflow(left.minor, right.minor, &rest.minor), "a rest of money fits");
    return rest;
}

// What happens to the part of a unit that a division leaves.
enum class Rounding {
    floor,   // Towards minus infinity.
    ceiling, // Towards plus infinity.
    toward_zero,
    half_up,   // To the nearest; a half towards plus infinity: (2a + b) // 2b.
    half_even, // To the nearest; a half to the even neighbour.
};
BOOST_DESCRIBE_ENUM(Rounding, floor, ceiling, toward_zero, half_up, half_even)

__extension__ using Int128 = __int128;

// `dividend / divisor` in whole numbers. `divisor` is above zero.
constexpr Int128 divide(Int128 dividend, Int128 divisor, Rounding rounding) {
    Int128 quotient = dividend / divisor;
    Int128 remainder = dividend % divisor;
    if (rounding == Rounding::toward_zero) return quotient;
    if (remainder < 0) {
        --quotient;
        remainder += divisor;
    }
    // Now quotient is the floor. `divisor - remainder` cannot overflow as 2 * remainder could.
    const Int128 missing = divisor - remainder;
    switch (rounding) {
    case Rounding::floor:
    case Rounding::toward_zero: return quotient;
    case Rounding::ceiling: return quotient + (remainder > 0 ? 1 : 0);
    case Rounding::half_up: return quotient + (remainder >= missing ? 1 : 0);
    case Rounding::half_even:
        if (remainder != missing) return quotient + (remainder > missing ? 1 : 0);
        return quotient + (quotient % 2 != 0 ? 1 : 0);
    }
    return quotient;
}

// `amount * numerator / denominator`, exact until the one rounding at the end. `denominator` is
// above zero; the result fits.
inline Money scale(const Money& amount, std::int64_t numerator, std::int64_t denominator,
                   Rounding rounding) {
    expects(denominator > 0, "money is divided by a number above zero");
    const Int128 scaled = divide(Int128{amount.minor} * numerator, denominator, rounding);
    expects(scaled >= std::numeric_limits<std::int64_t>::min() &&
                scaled <= std::numeric_limits<std::int64_t>::max(),
            "a scaled amount of money fits");
    return {static_cast<std::int64_t>(scaled), amount.currency};
}

} // namespace domain
