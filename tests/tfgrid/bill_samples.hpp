// A contract's bills, by the hour since some moment.

#pragma once

#include "gateways/tfgrid/bills.hpp"

#include <cstdint>

namespace bill_samples {

inline constexpr std::int64_t minute = 60'000;
inline constexpr std::int64_t first_hour = 1'800'000'000'000;

constexpr domain::Time at(double hours) {
    return {first_hour + static_cast<std::int64_t>(hours * 60) * minute};
}

inline gateways::tfgrid::GridBill bill(double hours, std::int64_t amount = 4'500'000) {
    return {at(hours), {amount, domain::Currency::tft}, domain::DiscountTier::gold};
}

} // namespace bill_samples
