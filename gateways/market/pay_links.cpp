#include "gateways/market/pay_links.hpp"

#include "domain/payment.hpp"
#include "gateways/market/read_routes.hpp"
#include "schemas/messages.hpp"

#include <chrono>

namespace gateways::market {

using domain::Payment;
using domain::PaymentStatus;

namespace {

constexpr std::string_view link_kind = "pay";
// As long as a payment waits for its payer.
constexpr std::chrono::milliseconds link_life = std::chrono::hours{24};

// What whoever has the link is told.
struct PaymentToMake {
    domain::PaymentId payment;
    domain::Money amount;
    PaymentStatus status = PaymentStatus::none;
    bool payable = false; // Another card may be tried.
    std::optional<std::string> reference, reason, action, provider_reference;
};
BOOST_DESCRIBE_STRUCT(PaymentToMake, (),
                      (payment, amount, status, payable, reference, reason, action,
                       provider_reference))

struct MadePayLink {
    std::string url, token;
    domain::Time expires;
};
BOOST_DESCRIBE_STRUCT(MadePayLink, (), (url, token, expires))

std::optional<Payment> payment_of(const ReadSources& sources, const ReadAsk& ask) {
    const auto rows = sources.views.rows(projections::ResourcesView::view_name);
    const auto row = projections::Resources{*rows, sources.registry}.row(
        std::string{Payment::name} + "-" + ask.id);
    if (!row || !may_read(ask.reader, *row)) return std::nullopt;
    return projections::state_in<Payment>(*row);
}

} // namespace

std::optional<PayLink> open_pay_link(const Seal& seal, std::string_view token,
                                     std::string_view payment) {
    const auto text = seal.open(link_kind, token);
    if (!text) return std::nullopt;
    auto link = schemas::read_text<PayLink>(*text, schemas::Unknown::refuse, text->size());
    if (!link || link->payment != payment) return std::nullopt;
    return std::move(*link);
}

ReadAnswer make_pay_link(const ReadSources& sources, const ReadAsk& ask) {
    const auto payment = payment_of(sources, ask);
    if (!payment) return not_found();
    if (rank(payment->status) >= rank(PaymentStatus::held))
        return {http::Status::conflict, {}, "payment_settled"};
    const PayLink link{ask.reader.tenant,
                       payment->payer.value,
                       ask.id,
                       {ask.now.milliseconds + link_life.count()}};
    std::string text;
    schemas::write(link, text);
    MadePayLink made;
    made.token = sources.seal.seal(link_kind, text);
    made.url = "/v1/pay/" + ask.id + "?token=" + made.token;
    made.expires = link.expires;
    ReadAnswer answer;
    answer.status = http::Status::created;
    schemas::write(made, answer.body);
    return answer;
}

ReadAnswer read_payment_to_make(const ReadSources& sources, const ReadAsk& ask) {
    const auto payment = payment_of(sources, ask);
    if (!payment) return not_found();
    const PaymentToMake told{{ask.id},
                             payment->amount,
                             payment->status,
                             payment->status == PaymentStatus::declined ||
                                 payment->status == PaymentStatus::action_required,
                             payment->reference,
                             payment->reason,
                             payment->action,
                             payment->provider_reference};
    ReadAnswer answer;
    schemas::write(told, answer.body);
    return answer;
}

} // namespace gateways::market
