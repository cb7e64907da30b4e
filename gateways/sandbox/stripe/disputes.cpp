#include "gateways/sandbox/stripe/disputes.hpp"

#include "gateways/sandbox/stripe/render.hpp"
#include "gateways/sandbox/stripe/requests.hpp"

#include <boost/json.hpp>

namespace gateways::sandbox::stripe {

namespace {

namespace json = boost::json;

// Test mode's magic texts.
constexpr std::string_view winning = "winning_evidence", losing = "losing_evidence";

Dispute& dispute_named(Account& account, std::string_view id) {
    Dispute* found = account.disputes.find(id);
    if (found == nullptr) refuse_missing("dispute", id, "dispute", Named::by_path);
    return *found;
}

void withdraw(Account& account, Dispute& dispute) {
    const BalanceTransaction& line =
        account.book("adjustment", "dispute", -dispute.amount, account.terms.dispute_fee,
                     dispute.currency, dispute.id, account.now());
    dispute.balance_transactions.push_back(line.id);
}

// Nobody answered in time.
void watch_deadline(Account& account, const Dispute& dispute) {
    account.at(dispute.due_by, [id = dispute.id](Account& then) {
        Dispute& late = *then.disputes.find(id);
        if (late.due_by > then.now()) return; // It was escalated, and has a later deadline.
        if (late.status == DisputeStatus::needs_response)
            decide_dispute(then, late, DisputeStatus::lost);
        else if (late.status == DisputeStatus::warning_needs_response)
            decide_dispute(then, late, DisputeStatus::warning_closed);
    });
}

void expect_answerable(const Account& account, const Dispute& dispute) {
    if (!is_open(dispute)) refuse_state({}, "This dispute is already closed");
    if (dispute.due_by <= account.now())
        refuse_state({}, "The deadline to respond to this dispute has passed");
}

void submit(Account& account, Dispute& dispute) {
    ++dispute.submissions;
    dispute.status =
        is_inquiry(dispute) ? DisputeStatus::warning_under_review : DisputeStatus::under_review;
    const auto text = dispute.evidence.find("uncategorized_text");
    if (text == dispute.evidence.end()) return;
    const bool wins = text->second == winning;
    if (!wins && text->second != losing) return;
    account.at(account.now() + account.terms.aftermath.count(),
               [id = dispute.id, wins](Account& then) {
                   Dispute& reviewed = *then.disputes.find(id);
                   if (!is_open(reviewed)) return;
                   decide_dispute(then, reviewed,
                                  is_inquiry(reviewed) ? DisputeStatus::warning_closed
                                  : wins               ? DisputeStatus::won
                                                       : DisputeStatus::lost);
               });
}

} // namespace

bool is_inquiry(const Dispute& dispute) {
    return dispute.status == DisputeStatus::warning_needs_response ||
           dispute.status == DisputeStatus::warning_under_review ||
           dispute.status == DisputeStatus::warning_closed;
}

bool is_open(const Dispute& dispute) {
    return dispute.status != DisputeStatus::won && dispute.status != DisputeStatus::lost &&
           dispute.status != DisputeStatus::warning_closed;
}

Dispute& open_dispute(Account& account, Charge& charge, std::string_view reason, bool inquiry) {
    Dispute dispute;
    dispute.id = account.new_id("du_");
    dispute.created = account.now();
    dispute.due_by = account.now() + account.terms.dispute_due.count();
    dispute.status =
        inquiry ? DisputeStatus::warning_needs_response : DisputeStatus::needs_response;
    dispute.amount = charge.amount_captured - charge.amount_refunded;
    dispute.currency = charge.currency;
    dispute.charge = charge.id;
    dispute.payment_intent = charge.payment_intent;
    dispute.reason = reason;
    Dispute& opened = account.disputes.add(std::move(dispute));
    charge.dispute = opened.id;
    if (!inquiry) withdraw(account, opened);
    account.emit("charge.dispute.created", render(opened, account));
    if (!inquiry) account.emit("charge.dispute.funds_withdrawn", render(opened, account));
    watch_deadline(account, opened);
    return opened;
}

void decide_dispute(Account& account, Dispute& dispute, DisputeStatus outcome) {
    dispute.status = outcome;
    if (outcome == DisputeStatus::won) {
        const Amount fee =
            account.terms.dispute_fee_returned ? -account.terms.dispute_fee : Amount{0};
        dispute.balance_transactions.push_back(account
                                                   .book("adjustment", "dispute_reversal",
                                                         dispute.amount, fee, dispute.currency,
                                                         dispute.id, account.now())
                                                   .id);
    }
    account.emit("charge.dispute.closed", render(dispute, account));
    if (outcome == DisputeStatus::won)
        account.emit("charge.dispute.funds_reinstated", render(dispute, account));
}

void escalate(Account& account, Dispute& dispute) {
    const std::string before{name_of(dispute.status)};
    dispute.status = DisputeStatus::needs_response;
    dispute.due_by = account.now() + account.terms.dispute_due.count();
    withdraw(account, dispute);
    account.emit("charge.dispute.updated", render(dispute, account), {{"status", before}});
    account.emit("charge.dispute.funds_withdrawn", render(dispute, account));
    watch_deadline(account, dispute);
}

FraudWarning& warn_of_fraud(Account& account, const Charge& charge) {
    FraudWarning warning{account.new_id("issfr_"), account.now(), charge.id, charge.payment_intent};
    FraudWarning& added = account.fraud_warnings.add(std::move(warning));
    account.emit("radar.early_fraud_warning.created", render(added));
    return added;
}

json::object read_dispute(Account& account, const Asked& asked) {
    return render(dispute_named(account, asked.ids[0]), account);
}

json::object update_dispute(Account& account, const Asked& asked) {
    Dispute& dispute = dispute_named(account, asked.ids[0]);
    const Parameters& given = asked.parameters;
    Dispute changed = dispute;
    given.update(changed.metadata);
    const Parameters evidence = given.inside("evidence");
    for (const auto& field : evidence.all()) {
        const std::string value = evidence.text(field.key());
        if (value.empty())
            changed.evidence.erase(std::string{field.key()});
        else
            changed.evidence[std::string{field.key()}] = value;
    }
    if (given.has("evidence")) expect_answerable(account, dispute);
    const json::object before = render(dispute, account);
    // Evidence is sent to the bank unless it is only to be kept.
    const bool submits = given.has("evidence") && given.flag("submit").value_or(true);
    dispute = std::move(changed);
    if (submits) submit(account, dispute);
    const json::object after = render(dispute, account);
    json::object previous;
    for (const auto& field : before)
        if (field.value() != after.at(field.key())) previous[field.key()] = field.value();
    if (!previous.empty()) account.emit("charge.dispute.updated", after, previous);
    return after;
}

json::object close_dispute(Account& account, const Asked& asked) {
    Dispute& dispute = dispute_named(account, asked.ids[0]);
    if (!is_open(dispute)) refuse_state({}, "This dispute is already closed");
    decide_dispute(account, dispute,
                   is_inquiry(dispute) ? DisputeStatus::warning_closed : DisputeStatus::lost);
    return render(dispute, account);
}

json::object read_fraud_warning(Account& account, const Asked& asked) {
    const FraudWarning* found = account.fraud_warnings.find(asked.ids[0]);
    if (found == nullptr)
        refuse_missing("early fraud warning", asked.ids[0], "early_fraud_warning", Named::by_path);
    return render(*found);
}

} // namespace gateways::sandbox::stripe
