// What follows from an event: commands for other aggregates. A policy is pure and remembers
// nothing, so an event says all that its policies need. What comes of a command is decided by the
// aggregate that gets it: one that comes twice, or too late, changes nothing there or is refused.

#pragma once

#include "domain/account.hpp"
#include "domain/card.hpp"
#include "domain/customer_credit.hpp"
#include "domain/deployment.hpp"
#include "domain/discount_code.hpp"
#include "domain/invoice.hpp"
#include "domain/invoice_book.hpp"
#include "domain/market_data.hpp"
#include "domain/node.hpp"
#include "domain/participation.hpp"
#include "domain/payment.hpp"
#include "domain/provider.hpp"
#include "domain/subscription.hpp"
#include "domain/usage.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace domain {

// The event that is answered.
struct Cause {
    std::string_view id;    // Of its stream, without the aggregate's name.
    std::string_view event; // Its id.
    Time time;
};

// All that is asked by policies and by deadlines. Each says its stored name.
using PolicyCommand = std::variant<
    PlaceWorkloads, RecordReservation, RecordDiscount, RecordPayment, RecordWorkload, RecordDomain,
    SuspendDeployment, ResumeDeployment, CancelDeployment, ReserveCapacity, ConfirmCapacity,
    ReleaseCapacity, ExpireReservation, HideNode, ExcludeNode, ReserveDiscount, ConsumeDiscount,
    ReleaseDiscount, RequestPayment, ConfirmPayment, RecordPaymentOutcome, CapturePayment,
    VoidPayment, ExpireHold, RequestRefund, StartSubscription, OpenRenewal, RenewSubscription,
    RecordRenewalFailure, SuspendSubscription, ChangePlan, CancelSubscription, EndSubscription,
    AssignNumber, DraftInvoice, IssueInvoice, ApplyCredit, RecordInvoicePayment,
    RecordInvoiceRefund, MarkPastDue, IssueCreditNote, ProposeWriteOff, HoldCredit, SpendCredit,
    ReleaseCredit, ExpireCredit, SuspendSpending, ResumeSpending, RecordDefaultCard,
    ForgetDefaultCard, EndImpersonation, RecordCardUpdate, CloseUsage, MarkFeedStale>;

struct FollowUp {
    std::string_view policy; // Its name.
    std::string step;        // Unique among what the policy asks for because of one event.
    std::string stream;      // Who is asked.
    PolicyCommand command;
};

std::vector<FollowUp> follow_ups(const CardEvent& event, const Cause& cause);
std::vector<FollowUp> follow_ups(const CustomerCreditEvent& event, const Cause& cause);
std::vector<FollowUp> follow_ups(const DeploymentEvent& event, const Cause& cause);
std::vector<FollowUp> follow_ups(const DiscountCodeEvent& event, const Cause& cause);
std::vector<FollowUp> follow_ups(const InvoiceEvent& event, const Cause& cause);
std::vector<FollowUp> follow_ups(const InvoiceBookEvent& event, const Cause& cause);
std::vector<FollowUp> follow_ups(const NodeEvent& event, const Cause& cause);
std::vector<FollowUp> follow_ups(const ParticipationEvent& event, const Cause& cause);
std::vector<FollowUp> follow_ups(const PaymentEvent& event, const Cause& cause);
std::vector<FollowUp> follow_ups(const ProviderEvent& event, const Cause& cause);
std::vector<FollowUp> follow_ups(const SubscriptionEvent& event, const Cause& cause);

} // namespace domain
