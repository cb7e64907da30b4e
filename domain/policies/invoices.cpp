// Invoices and the customer's credit. Credit is held for a renewal before the card is asked for the
// rest, and spent only when that rest has come, or when there is none: a card that is declined
// leaves the credit held, and the payment stays the same until the dunning ends.

#include "domain/policies/rules.hpp"
#include "domain/pricing.hpp"

#include <algorithm>

namespace domain {

namespace {

bool is_renewal(std::string_view invoice) {
    const auto period = period_of(invoice);
    return period && period->number > 1;
}

// `rest`: what credit does not cover.
template <class Answer>
void request_payment(const Answer& answer, const Money& rest, FollowUps& all) {
    // So small an amount cannot be charged: less of the credit is then spent.
    const Money amount{std::min(std::max(rest.minor, card_minimum.minor), answer.wanted.minor),
                       rest.currency};
    Policy{"collect_renewal", all}.ask<Payment>(answer.purpose,
                                                RequestPayment{answer.account, amount, answer.card,
                                                               "invoice " + answer.purpose, true,
                                                               answer.fraud_refund_limit});
}

} // namespace

void number_invoice(const InvoiceDrafted& event, const Cause& cause, FollowUps& all) {
    Policy{"number_invoice", all}.ask<InvoiceBook>(event.terms.dashboard.value,
                                                   AssignNumber{{std::string{cause.id}}});
}

void issue_invoice(const NumberAssigned& event, FollowUps& all) {
    Policy{"issue_invoice", all}.ask<Invoice>(event.invoice.value, IssueInvoice{event.number});
}

void hold_credit(const InvoiceIssued& event, const Cause& cause, FollowUps& all) {
    // The order is paid on its own.
    if (event.period.number == 1 || event.due.minor == 0) return;
    const BillingTerms& terms = event.terms;
    Policy{"hold_credit", all}.ask<CustomerCredit>(
        credit_of(terms.payer, terms.dashboard),
        HoldCredit{terms.payer, terms.dashboard, std::string{cause.id}, event.due, true, terms.card,
                   terms.fraud_refund_limit});
}

void spend_credit(const InvoicePaid& event, const Cause& cause, FollowUps& all) {
    if (!event.payment || event.due.minor <= 0 || !is_renewal(cause.id)) return;
    Policy{"spend_credit", all}.ask<CustomerCredit>(
        credit_of(event.terms.payer, event.terms.dashboard),
        SpendCredit{std::string{cause.id}, event.due});
}

// A subscription that was past due or suspended recovers with that.
void renew_subscription(const InvoicePaid& event, FollowUps& all) {
    if (!event.settled || event.period.number == 1) return;
    Policy{"renew_subscription", all}.ask<Subscription>(
        event.period.deployment.value, RenewSubscription{event.period.number, true});
}

void return_overpayment(const InvoicePaid& event, FollowUps& all) {
    if (!event.payment || event.due.minor >= 0) return;
    const Money over{std::min(-event.due.minor, event.amount.minor), event.due.currency};
    Policy{"return_overpayment", all}.ask<Payment>(event.payment->value,
                                                   RequestRefund{over, "not_due"});
}

void collect_renewal(const CreditHeld& event, FollowUps& all) {
    if (!is_renewal(event.purpose)) return;
    const Money rest = event.wanted - event.amount;
    if (rest.minor > 0) return request_payment(event, rest, all);
    Policy{"collect_renewal", all}.ask<CustomerCredit>(credit_of(event.account, event.dashboard),
                                                       SpendCredit{event.purpose, {}});
}

void collect_renewal(const CreditUnavailable& event, FollowUps& all) {
    if (is_renewal(event.purpose)) request_payment(event, event.wanted, all);
}

void apply_credit(const CreditSpent& event, FollowUps& all) {
    if (!is_renewal(event.purpose)) return;
    Policy{"apply_credit", all}.ask<Invoice>(event.purpose,
                                             ApplyCredit{event.purpose, event.amount});
}

} // namespace domain
