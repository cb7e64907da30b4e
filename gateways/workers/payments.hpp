// The payments worker: effects of payments and cards carried to Stripe, and what Stripe's messages
// mean. All rules are in gateways/stripe; this is where its steps are taken.

#pragma once

#include "domain/payment.hpp"
#include "gateways/stripe/transport.hpp"
#include "gateways/stripe/webhook.hpp"
#include "projections/resources_view.hpp"
#include "projections/worker.hpp"

#include <boost/json/object.hpp>

namespace gateways::workers {

class PaymentsTodo final : public projections::TodoFold {
public:
    std::string_view name() const override { return "payments"; }
    std::uint64_t version() const override { return 2; }
    void open(const schemas::EventView& event, std::vector<Opening>& openings) const override;
};

// Thread-safe.
class PaymentsPerformer final : public projections::Performer, public stripe::Directory {
public:
    // All outlive the performer. `views` has the view of resources: what earlier events said.
    PaymentsPerformer(stripe::Transport& transport, bus::Log& log, projections::Views& views,
                      const projections::Registry& registry,
                      std::function<std::int64_t()> milliseconds_now)
        : transport_{transport},
          log_{log},
          views_{views},
          registry_{registry},
          milliseconds_now_{std::move(milliseconds_now)} {}

    projections::Performed perform(const projections::TodoItem& item) override;

    // Stripe's objects that do not bear our names are looked up there.
    std::optional<stripe::KnownPayment> payment(std::string_view intent,
                                                std::string_view payment_id) const override;
    std::optional<domain::StoredCardId> card(std::string_view payment_method) const override;

private:
    projections::Performed carry_out(const stripe::Effect& effect,
                                     const projections::TodoItem& item);
    projections::Performed read_message(const projections::TodoItem& item);
    std::string too_early(const stripe::Directive& one) const;
    bool is_unknown(const std::string& stream) const;
    bool view_catches_up(std::string_view stream) const;
    std::optional<domain::Payment> known_payment(const std::string& stream,
                                                 bool captured = false) const;
    std::string kept_message(const projections::TodoItem& item) const;
    projections::Performed not_applicable(const projections::TodoItem& item,
                                          std::string reason) const;
    boost::json::object look_up(const stripe::Step& step) const;
    void recall(stripe::Effect& effect, const projections::TodoItem& item) const;

    stripe::Transport& transport_;
    bus::Log& log_;
    projections::Views& views_;
    const projections::Registry& registry_;
    const std::function<std::int64_t()> milliseconds_now_;
};

} // namespace gateways::workers
