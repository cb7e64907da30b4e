// How policies answer, for the files that share the work. Others include policy.hpp.

#pragma once

#include "domain/policies/policy.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace domain {

template <class Aggregate>
std::string stream_of(std::string_view id) {
    return std::string{Aggregate::name}.append("-").append(id);
}

// What one policy asks for.
class Policy {
public:
    Policy(std::string_view name, std::vector<FollowUp>& all) : name_{name}, all_{all} {}

    // `which` tells commands of one kind apart.
    template <class Aggregate, class Command>
    void ask(std::string_view id, Command command, std::string_view which = {}) const {
        std::string step{Command::type};
        if (!which.empty()) step.append(".").append(which);
        all_.push_back({name_, std::move(step), stream_of<Aggregate>(id), std::move(command)});
    }

private:
    std::string_view name_;
    std::vector<FollowUp>& all_;
};

using FollowUps = std::vector<FollowUp>;

// "primary.1"
inline std::string name_of(WorkloadRole role, std::uint32_t attempt) {
    return std::string{role == WorkloadRole::primary ? "primary." : "backup."} +
           std::to_string(attempt);
}

// What the id of a period's payment or invoice says: "<deployment>.<number>".
struct PeriodName {
    std::string deployment;
    std::uint32_t number = 0;
};
// None: the payment is for something else.
std::optional<PeriodName> period_of(std::string_view id);

inline std::string credit_of(const AccountId& account, const DashboardId& dashboard) {
    return account.value + "." + dashboard.value;
}
inline std::string code_of(const DashboardId& dashboard, std::string_view code) {
    return (dashboard.value + ".").append(code);
}

// No further try: the payment of a renewal came to its end, whatever attempt that was.
RecordRenewalFailure last_failure(std::uint32_t period, std::string reason);

// Why a whole order is given back; its credit note is known by that.
inline constexpr std::string_view deployment_failed = "deployment_failed";
inline constexpr std::string_view cancelled_before_it_ran = "cancelled_before_it_ran";

// Places on nodes.
void place_workloads(const Cause& cause, FollowUps& all);
void reserve_capacity(const PlacementChosen& event, const Cause& cause, FollowUps& all);
void reserve_capacity(const ReservationRequested& event, const Cause& cause, FollowUps& all);
void release_capacity(const std::vector<WorkloadPlacement>& places, const Cause& cause,
                      FollowUps& all);
void confirm_capacity(const std::vector<WorkloadPlacement>& places, const Cause& cause,
                      FollowUps& all);
void confirm_capacity(const std::vector<ServingWorkload>& workloads, const Cause& cause,
                      FollowUps& all);
void tell_order(const CapacityReserved& event, const Cause& cause, FollowUps& all);
void tell_order(const CapacityRefused& event, const Cause& cause, FollowUps& all);
void hide_excluded_node(const NodeExcluded& event, const Cause& cause, FollowUps& all);
void hide_nodes(const ParticipationEnded& event, FollowUps& all);
void exclude_nodes(const std::vector<NodeId>& nodes, std::string_view reason, FollowUps& all);

// Discount codes.
void reserve_discount(const PlacementChosen& event, const Cause& cause, FollowUps& all);
void consume_discount(const DeploymentRunning& event, const Cause& cause, FollowUps& all);
void release_discount(const DashboardId& dashboard, const std::string& code, const Cause& cause,
                      FollowUps& all);
void tell_order(const DiscountReserved& event, FollowUps& all);
void tell_order(const DiscountRefused& event, FollowUps& all);

// The first period's money.
void request_payment(const AllReserved& event, FollowUps& all);
void charge_order(const DeploymentRunning& event, const Cause& cause, FollowUps& all);
void invoice_charge(const OrderPaymentRecorded& event, const Cause& cause, FollowUps& all);
void start_subscription(const DeploymentPaid& event, const Cause& cause, FollowUps& all);
void give_back(const GiveBack& give_back, std::string_view reason, const Cause& cause,
               FollowUps& all);
void return_payment(const PaymentReturnRequested& event, FollowUps& all);

// The end of a deployment, and other terms.
void settle_cancellation(const CancellationRequested& event, const Cause& cause, FollowUps& all);
void change_terms(const BillingTerms& terms, const Cause& cause, FollowUps& all);

// What came of payments.
void tell_payer_side(const PaymentHeld& event, const Cause& cause, FollowUps& all);
void tell_payer_side(const PaymentActionRequired& event, const Cause& cause, FollowUps& all);
void tell_payer_side(const PaymentDeclined& event, const Cause& cause, FollowUps& all);
void tell_payer_side(const PaymentOutcomeUnknown& event, const Cause& cause, FollowUps& all);
void tell_payer_side(const PaymentCaptured& event, const Cause& cause, FollowUps& all);
void tell_payer_side(const PaymentVoided& event, const Cause& cause, FollowUps& all);
void stop_unpaid(const CaptureFailed& event, const Cause& cause, FollowUps& all);
void stop_unpaid(const HoldExpired& event, const Cause& cause, FollowUps& all);
void tell_invoice(const RefundSucceeded& event, const Cause& cause, FollowUps& all);
void tell_invoice(const RefundFailed& event, const Cause& cause, FollowUps& all);

// Disputes and fraud.
void stop_disputed(const DisputeOpened& event, const Cause& cause, FollowUps& all);
void resume_after_dispute(const DisputeWon& event, const Cause& cause, FollowUps& all);
void cancel_after_dispute(const DisputeLost& event, const Cause& cause, FollowUps& all);
void refund_warned_payment(const FraudWarningReceived& event, const Cause& cause, FollowUps& all);

// Invoices and credit.
void number_invoice(const InvoiceDrafted& event, const Cause& cause, FollowUps& all);
void issue_invoice(const NumberAssigned& event, FollowUps& all);
void hold_credit(const InvoiceIssued& event, const Cause& cause, FollowUps& all);
void spend_credit(const InvoicePaid& event, const Cause& cause, FollowUps& all);
void renew_subscription(const InvoicePaid& event, FollowUps& all);
void return_overpayment(const InvoicePaid& event, FollowUps& all);
void collect_renewal(const CreditHeld& event, FollowUps& all);
void collect_renewal(const CreditUnavailable& event, FollowUps& all);
void apply_credit(const CreditSpent& event, FollowUps& all);

// Renewals and dunning.
void invoice_renewal(const RenewalDue& event, const Cause& cause, FollowUps& all);
void end_dunning(const RenewalFailed& event, const Cause& cause, FollowUps& all);
void mark_past_due(const SubscriptionPastDue& event, const Cause& cause, FollowUps& all);
void suspend_deployment(const SubscriptionSuspended& event, const Cause& cause, FollowUps& all);
void resume_deployment(const SubscriptionRecovered& event, const Cause& cause, FollowUps& all);
void end_service(const SubscriptionCancelled& event, const Cause& cause, FollowUps& all);
void end_service(const SubscriptionEnded& event, const Cause& cause, FollowUps& all);

// Cards.
void record_default_card(const DefaultCardChosen& event, const Cause& cause, FollowUps& all);
void forget_default_card(const CardRemoved& event, const Cause& cause, FollowUps& all);

} // namespace domain
