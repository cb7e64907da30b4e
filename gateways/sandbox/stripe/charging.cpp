#include "gateways/sandbox/stripe/charging.hpp"

#include "gateways/sandbox/stripe/disputes.hpp"
#include "gateways/sandbox/stripe/methods.hpp"
#include "gateways/sandbox/stripe/render.hpp"

#include <boost/json.hpp>

namespace gateways::sandbox::stripe {

namespace {

Charge new_charge(Account& account, const PaymentIntent& intent, const PaymentMethod& method) {
    Charge charge;
    charge.id = account.new_id("ch_");
    charge.created = account.now();
    charge.amount = intent.amount;
    charge.currency = intent.currency;
    charge.customer = intent.customer;
    charge.payment_intent = intent.id;
    charge.payment_method = method.id;
    charge.description = intent.description;
    charge.receipt_email = intent.receipt_email;
    charge.statement_suffix = intent.statement_suffix;
    charge.transfer_group = intent.transfer_group;
    charge.card = method.card;
    charge.exp_month = method.exp_month;
    charge.exp_year = method.exp_year;
    charge.billing_details = method.billing_details;
    charge.metadata = intent.metadata;
    return charge;
}

// The intent waits for another card.
CardProblem fail(Account& account, PaymentIntent& intent, const PaymentMethod& method,
                 CardProblem problem) {
    problem.method = render(method);
    intent.status = IntentStatus::requires_payment_method;
    intent.payment_method.clear();
    intent.next_action = {};
    intent.last_error = problem;
    account.emit("payment_intent.payment_failed", render(intent));
    return problem;
}

CardProblem decline(Account& account, PaymentIntent& intent, const PaymentMethod& method,
                    CardProblem problem) {
    Charge failed = new_charge(account, intent, method);
    failed.status = ChargeStatus::failed;
    failed.blocked = method.card.blocked;
    problem.charge = failed.id;
    failed.problem = problem;
    intent.latest_charge = failed.id;
    account.emit("charge.failed", render(account.charges.add(std::move(failed))));
    return fail(account, intent, method, std::move(problem));
}

void book_capture(Account& account, Charge& charge) {
    const Amount amount = charge.amount_captured;
    const Seconds available_on = charge.card.bypasses_pending
                                     ? account.now()
                                     : account.now() + account.terms.available_after.count();
    charge.balance_transaction =
        account
            .book("charge", "charge", amount, fee_of(account.terms, amount), charge.currency,
                  charge.id, available_on)
            .id;
}

// The fee is known a little later than the payment.
void book_capture_later(Account& account, const Charge& charge) {
    account.at(account.now() + account.terms.aftermath.count(), [id = charge.id](Account& then) {
        Charge& captured = *then.charges.find(id);
        book_capture(then, captured);
        then.emit("charge.updated", render(captured), {{"balance_transaction", nullptr}});
    });
}

void expire_hold(Account& account, std::string_view charge_id) {
    Charge& charge = *account.charges.find(charge_id);
    PaymentIntent& intent = *account.payment_intents.find(charge.payment_intent);
    if (intent.status != IntentStatus::requires_capture || intent.latest_charge != charge_id)
        return;
    charge.expired = true;
    account.emit("charge.expired", render(charge));
    cancel(account, intent, "automatic");
}

// What a test card does to a captured payment.
void plan_aftermath(Account& account, const Charge& charge) {
    const Aftermath what = charge.card.aftermath;
    const auto later = [&](auto action) {
        account.at(account.now() + account.terms.aftermath.count(), std::move(action));
    };
    if (what == Aftermath::dispute || what == Aftermath::inquiry)
        later([id = charge.id, inquiry = what == Aftermath::inquiry](Account& then) {
            Charge& disputed = *then.charges.find(id);
            if (disputed.amount_refunded < disputed.amount_captured && disputed.dispute.empty())
                open_dispute(then, disputed, disputed.card.dispute_reason, inquiry);
        });
    if (what == Aftermath::fraud_warning)
        later([id = charge.id](Account& then) { warn_of_fraud(then, *then.charges.find(id)); });
}

void charge_card(Account& account, PaymentIntent& intent, PaymentMethod& method,
                 bool authenticated) {
    Charge paid = new_charge(account, intent, method);
    paid.authenticated = authenticated;
    intent.latest_charge = paid.id;
    intent.payment_method = method.id;
    intent.next_action = {};
    intent.last_error = {};
    const bool saves = !intent.setup_future_usage.empty() && !intent.customer.empty();
    if (saves) {
        attach(account, method, intent.customer);
        if (intent.setup_future_usage == "off_session") method.set_up_for_off_session = true;
    }
    method.used = method.customer.empty();
    const Terms& terms = account.terms;
    if (intent.capture_method == CaptureMethod::manual) {
        const bool short_hold = intent.off_session && method.card.brand == "visa";
        paid.capture_before =
            account.now() + (short_hold ? terms.hold_off_session_visa : terms.hold).count();
        intent.status = IntentStatus::requires_capture;
        intent.amount_capturable = intent.amount;
        const Charge& charge = account.charges.add(std::move(paid));
        account.at(charge.capture_before,
                   [id = charge.id](Account& then) { expire_hold(then, id); });
        account.emit("charge.succeeded", render(charge));
        account.emit("payment_intent.amount_capturable_updated", render(intent));
        return;
    }
    paid.captured = true;
    paid.amount_captured = paid.amount;
    intent.status = IntentStatus::succeeded;
    intent.amount_received = intent.amount;
    Charge& charge = account.charges.add(std::move(paid));
    if (intent.capture_method == CaptureMethod::automatic)
        book_capture(account, charge);
    else
        book_capture_later(account, charge);
    account.emit("charge.succeeded", render(charge));
    account.emit("payment_intent.succeeded", render(intent));
    plan_aftermath(account, charge);
}

CardProblem pay(Account& account, PaymentIntent& intent, PaymentMethod& method,
                bool authenticated) {
    CardProblem problem = problem_of(method.card);
    if (account.decline) problem = *std::exchange(account.decline, std::nullopt);
    if (problem) return decline(account, intent, method, std::move(problem));
    charge_card(account, intent, method, authenticated);
    return {};
}

} // namespace

Amount fee_of(const Terms& terms, Amount amount) {
    return (amount * terms.fee_per_mille + 500) / 1000 + terms.fee_fixed;
}

bool needs_authentication(const PaymentMethod& method, bool off_session, bool asks, bool saving) {
    switch (method.card.authentication) {
    case Authentication::never: return false;
    case Authentication::always: return true;
    case Authentication::until_set_up: return !method.set_up_for_off_session;
    case Authentication::on_session: return !off_session && !saving;
    case Authentication::if_asked_for: return asks && !off_session;
    }
    return false;
}

CardProblem confirm(Account& account, PaymentIntent& intent, PaymentMethod& method,
                    const Confirm& how) {
    intent.payment_method = method.id;
    intent.off_session = how.off_session;
    intent.last_error = {};
    intent.next_action = {};
    if (account.decline ||
        !needs_authentication(method, how.off_session, how.asks_for_authentication, false))
        return pay(account, intent, method, false);
    CardProblem required = card_problem("authentication_required", "authentication_required");
    if (how.off_session) return decline(account, intent, method, std::move(required));
    if (how.error_on_requires_action) return fail(account, intent, method, std::move(required));
    intent.status = IntentStatus::requires_action;
    intent.next_action = {true, how.return_url};
    account.emit("payment_intent.requires_action", render(intent));
    return {};
}

void finish_challenge(Account& account, PaymentIntent& intent, bool authenticated) {
    PaymentMethod& method = *account.payment_methods.find(intent.payment_method);
    if (authenticated) {
        pay(account, intent, method, true);
        return;
    }
    CardProblem problem;
    problem.code = "payment_intent_authentication_failure";
    problem.message = "We are unable to authenticate your payment method. Please choose a "
                      "different payment method and try again.";
    fail(account, intent, method, std::move(problem));
}

void capture(Account& account, PaymentIntent& intent, Amount amount) {
    Charge& charge = *account.charges.find(intent.latest_charge);
    charge.captured = true;
    charge.amount_captured = amount;
    book_capture(account, charge);
    intent.status = IntentStatus::succeeded;
    intent.amount_capturable = 0;
    intent.amount_received = amount;
    account.emit("charge.captured", render(charge));
    account.emit("payment_intent.succeeded", render(intent));
    plan_aftermath(account, charge);
}

void cancel(Account& account, PaymentIntent& intent, std::string_view reason) {
    intent.status = IntentStatus::canceled;
    intent.cancellation_reason = reason;
    intent.canceled_at = account.now();
    intent.amount_capturable = 0;
    intent.next_action = {};
    account.emit("payment_intent.canceled", render(intent));
}

} // namespace gateways::sandbox::stripe
