#include "gateways/market/command_routes.hpp"

#include "domain/payment.hpp"
#include "schemas/messages.hpp"

#include <algorithm>
#include <array>

namespace gateways::market {

namespace {

using token::Roles;
constexpr Roles user = Roles::cloud_user;
constexpr Roles staff = Roles::cloud_operator;
constexpr Roles service = Roles::service;

constexpr auto routes = std::to_array<CommandRoute>({
    {"payment.request", "payments", "", user | staff | service},
    {"payment.confirm", "payments", "confirm", user | staff | service},
    {"payment.capture", "payments", "capture", staff | service, true},
    {"payment.void", "payments", "void", staff | service, true},
    {"payment.refund", "payments", "refund", staff | service, true},
    {"payment.submit_evidence", "payments", "submit-evidence", staff | service},
    {"payment.accept_dispute", "payments", "accept-dispute", staff | service, true},
    {"payment.record_outcome", "payments", "record-outcome", service},
    {"payment.record_capture_outcome", "payments", "record-capture-outcome", service},
    {"payment.expire_hold", "payments", "expire-hold", service},
    {"payment.record_card_fee", "payments", "record-card-fee", service},
    {"payment.record_refund_outcome", "payments", "record-refund-outcome", service},
    {"payment.record_dispute", "payments", "record-dispute", service},
    {"payment.record_dispute_outcome", "payments", "record-dispute-outcome", service},
    {"payment.record_fraud_warning", "payments", "record-fraud-warning", service},
});

} // namespace

const CommandRoute* command_route(std::string_view type) {
    const auto found = std::ranges::find(routes, type, &CommandRoute::type);
    return found == routes.end() ? nullptr : &*found;
}

const CommandRoute* command_route(std::string_view resource, std::string_view verb) {
    const auto found = std::ranges::find_if(routes, [&](const CommandRoute& route) {
        return route.resource == resource && route.verb == verb;
    });
    return found == routes.end() ? nullptr : &*found;
}

std::string_view forbidden(const token::Principal& principal,
                           const projections::AnyCommand& command) {
    using Payments = projections::Aggregate<domain::Payment>;
    if (principal.has(staff | service)) return {};
    const auto& payment = static_cast<const Payments::KnownCommand&>(command).value;
    if (const auto* request = std::get_if<domain::RequestPayment>(&payment))
        if (request->payer.value != principal.subject) return "payer_is_not_the_caller";
    return {};
}

} // namespace gateways::market
