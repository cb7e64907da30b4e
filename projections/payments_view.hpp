// The payments that clients read: one by id, and lists of a tenant's or a payer's, newest
// first.

#pragma once

#include "domain/payment.hpp"
#include "projections/view.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace projections {

struct PaymentRow {
    std::string tenant;
    std::uint64_t version = 0; // The sequence of its last event.
    domain::Time created, updated;
    std::vector<std::int64_t> events; // Where its events are in their partition, in order.
    domain::Payment payment;
};
BOOST_DESCRIBE_STRUCT(PaymentRow, (), (tenant, version, created, updated, events, payment))

class PaymentsView final : public ViewFold {
public:
    std::string_view name() const override { return "payments"; }
    std::uint64_t version() const override;
    void apply(const schemas::EventView& event, const bus::Record& record,
               ViewRows& rows) const override;
};

std::optional<PaymentRow> payment_row(const ViewRows& rows, std::string_view id);

struct ListedPayment {
    std::string id;
    PaymentRow row;
};

// Up to `limit` payments of the tenant, or of one payer in it, newest first, after `place`
// (empty: from the newest), for which `wanted` holds. `next` becomes the place to go on after,
// or empty when there is nothing more.
std::vector<ListedPayment> list_payments(const ViewRows& rows, std::string_view tenant,
                                         const std::optional<std::string>& payer,
                                         std::string_view place, std::size_t limit,
                                         const std::function<bool(const PaymentRow&)>& wanted,
                                         std::string& next);

} // namespace projections
