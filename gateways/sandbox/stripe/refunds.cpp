#include "gateways/sandbox/stripe/refunds.hpp"

#include "gateways/sandbox/stripe/disputes.hpp"
#include "gateways/sandbox/stripe/render.hpp"
#include "gateways/sandbox/stripe/requests.hpp"

#include <boost/json.hpp>

namespace gateways::sandbox::stripe {

namespace {

namespace json = boost::json;

Refund& refund_named(Account& account, std::string_view id) {
    Refund* found = account.refunds.find(id);
    if (found == nullptr) refuse_missing("refund", id, "refund", Named::by_path);
    return *found;
}

Charge& charge_to_refund(Account& account, const Parameters& given) {
    const std::string intent_id = given.text("payment_intent"), charge_id = given.text("charge");
    if (intent_id.empty() && charge_id.empty())
        refuse_parameter("parameter_missing", {},
                         "One of the following params should be provided for this request: "
                         "payment_intent or charge.");
    if (!charge_id.empty()) {
        Charge* charge = account.charges.find(charge_id);
        if (charge == nullptr) refuse_missing("charge", charge_id, "charge", Named::by_parameter);
        return *charge;
    }
    const PaymentIntent* intent = account.payment_intents.find(intent_id);
    if (intent == nullptr)
        refuse_missing("payment_intent", intent_id, "payment_intent", Named::by_parameter);
    Charge* charge = account.charges.find(intent->latest_charge);
    if (charge == nullptr || charge->status != ChargeStatus::succeeded)
        refuse_state("payment_intent_unexpected_state",
                     "This PaymentIntent (" + intent->id +
                         ") does not have a successful charge to refund.");
    return *charge;
}

void expect_refundable(const Account& account, const Charge& charge) {
    if (!charge.captured)
        refuse_state("charge_not_refundable",
                     "Charge " + charge.id +
                         " has not been captured; cancel its PaymentIntent instead.");
    const Dispute* dispute = account.disputes.find(charge.dispute);
    if (dispute != nullptr && !is_inquiry(*dispute) && dispute->status != DisputeStatus::won)
        refuse_state("charge_disputed",
                     "Charge " + charge.id + " has been charged back; cannot issue a refund.");
    if (charge.amount_refunded == charge.amount_captured)
        refuse_state("charge_already_refunded",
                     "Charge " + charge.id + " has already been refunded.");
}

} // namespace

void conclude_refund(Account& account, Refund& refund) {
    refund.status = RefundStatus::succeeded;
    account.emit("refund.updated", render(refund), {{"status", "pending"}});
}

void fail_refund(Account& account, Refund& refund, std::string_view reason) {
    const std::string before{name_of(refund.status)};
    refund.status = RefundStatus::failed;
    refund.failure_reason = reason;
    refund.failure_balance_transaction =
        account
            .book("refund_failure", "refund_failure", refund.amount, 0, refund.currency, refund.id,
                  account.now())
            .id;
    account.charges.find(refund.charge)->amount_refunded -= refund.amount;
    account.emit("refund.updated", render(refund), {{"status", before}});
    account.emit("refund.failed", render(refund));
}

json::object create_refund(Account& account, const Asked& asked) {
    const Parameters& given = asked.parameters;
    const auto wanted = given.number("amount");
    if (wanted && *wanted < 1)
        refuse_parameter("parameter_invalid_integer", "amount",
                         "This value must be greater than or equal to 1.");
    Refund refund;
    refund.reason = given.choice("reason", "duplicate fraudulent requested_by_customer");
    given.update(refund.metadata);

    Charge& charge = charge_to_refund(account, given);
    expect_refundable(account, charge);
    const Amount left = charge.amount_captured - charge.amount_refunded;
    refund.amount = wanted.value_or(left);
    if (refund.amount > left) {
        Refusal refusal;
        refusal.code = "amount_too_large";
        refusal.param = "amount";
        refusal.message = "Refund amount (" + std::to_string(refund.amount) +
                          ") is greater than unrefunded amount on charge (" + std::to_string(left) +
                          ")";
        throw refusal;
    }
    if (account.terms.refunds_need_balance && account.available(charge.currency) < refund.amount)
        refuse_state("balance_insufficient",
                     "Insufficient funds in your Stripe balance to refund this amount.");

    refund.id = account.new_id("re_");
    refund.created = account.now();
    refund.currency = charge.currency;
    refund.charge = charge.id;
    refund.payment_intent = charge.payment_intent;
    refund.balance_transaction =
        account
            .book("refund", "refund", -refund.amount, 0, refund.currency, refund.id, account.now())
            .id;
    const Aftermath aftermath = charge.card.aftermath;
    if (aftermath == Aftermath::refund_pending) refund.status = RefundStatus::pending;
    charge.amount_refunded += refund.amount;
    const Refund& added = account.refunds.add(std::move(refund));
    account.emit("refund.created", render(added));
    account.emit("charge.refunded", render(charge),
                 {{"amount_refunded", charge.amount_refunded - added.amount}});
    if (aftermath == Aftermath::refund_pending || aftermath == Aftermath::refund_fails)
        account.at(account.now() + account.terms.aftermath.count(), [id = added.id,
                                                                     aftermath](Account& then) {
            Refund& due = *then.refunds.find(id);
            if (aftermath == Aftermath::refund_fails && due.status == RefundStatus::succeeded)
                fail_refund(then, due, "expired_or_canceled_card");
            else if (due.status == RefundStatus::pending)
                conclude_refund(then, due);
        });
    return render(added);
}

json::object read_refund(Account& account, const Asked& asked) {
    return render(refund_named(account, asked.ids[0]));
}

json::object update_refund(Account& account, const Asked& asked) {
    Refund& refund = refund_named(account, asked.ids[0]);
    asked.parameters.update(refund.metadata);
    account.emit("refund.updated", render(refund));
    return render(refund);
}

json::object cancel_refund(Account& account, const Asked& asked) {
    const Refund& refund = refund_named(account, asked.ids[0]);
    refuse_state({}, "Refund " + refund.id +
                         " cannot be canceled: only a refund in requires_action can.");
}

} // namespace gateways::sandbox::stripe
