// What an event means in double entry: pure rules from one event to one journal entry. Debits are
// above zero, credits below; every entry sums to zero in each currency.
//
//     receivable:<account>      what a customer owes, with tax
//     deferred:<deployment>     paid for or owed, and not yet earned
//     revenue:<dashboard>       earned
//     refunds                   earned, and given back by a credit note
//     tax:<country>             owed to a tax office
//     stripe.balance            at the card processor
//     fees.card                 what it keeps
//     dispute.receivable        taken by it until a dispute is decided
//     dispute.losses            lost in disputes
//     credit:<account>          what a customer may spend
//     goodwill, sla.credits, promo   why credit was given
//     credit.lapsed             refunds kept as credit that nobody spent
//     bad_debt                  given up
//     grid.cost:<deployment>    what the chain billed for contracts that served
//     grid.waste                ... and for those that never did
//     tft.chain                 TFT on the chain
//     memo.*                    who the chain paid
//
// Others come with adjustments of the book. Ids in names keep letters, digits, '_', '-' and '.'.

#pragma once

#include "domain/book_messages.hpp"
#include "domain/customer_credit_messages.hpp"
#include "domain/deployment_messages.hpp"
#include "domain/invoice_messages.hpp"
#include "domain/payment_messages.hpp"
#include "domain/subscription_messages.hpp"
#include "domain/usage_messages.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace domain {

struct JournalLine {
    std::string account;
    Money amount; // Above zero: debit.
};
BOOST_DESCRIBE_STRUCT(JournalLine, (), (account, amount))

struct JournalEntry {
    std::string_view cause; // The event's type.
    std::vector<JournalLine> lines;
};
BOOST_DESCRIBE_STRUCT(JournalEntry, (), (cause, lines))

// An id as a word of an account's name: bytes other than letters, digits, '_', '-' and '.' become
// %XX, and no byte at all "unknown".
std::string account_word(std::string_view id);
// "receivable:user-a"
std::string account_name(std::string_view kind, std::string_view owner);

bool is_balanced(std::span<const JournalLine> lines);

// Facts that an entry needs and its event does not repeat; each is learnt from the same stream.
// They only grow, so that an entry is the same whether later facts are there or not.

struct PaymentFacts {
    AccountId payer;
    std::vector<std::uint32_t>
        refunds; // Numbers of those that succeeded, even if they failed later.
};
BOOST_DESCRIBE_STRUCT(PaymentFacts, (), (payer, refunds))

struct InvoiceFacts {
    Money net;                // As it was issued.
    std::vector<Money> notes; // Without tax, in their order.
};
BOOST_DESCRIBE_STRUCT(InvoiceFacts, (), (net, notes))

struct PeriodFacts {
    std::uint32_t number = 0;
    Money net;
    DashboardId dashboard;
};
BOOST_DESCRIBE_STRUCT(PeriodFacts, (), (number, net, dashboard))

struct SubscriptionFacts {
    std::vector<PeriodFacts> periods;
};
BOOST_DESCRIBE_STRUCT(SubscriptionFacts, (), (periods))

void learn(PaymentFacts& facts, const PaymentEvent& event);
void learn(InvoiceFacts& facts, const InvoiceEvent& event);
void learn(SubscriptionFacts& facts, const SubscriptionEvent& event);

// Nothing: the event moves no money. `facts` are those after the event, or later ones.
std::optional<JournalEntry> journal_entry(const PaymentEvent& event, const PaymentFacts& facts);
std::optional<JournalEntry> journal_entry(const InvoiceEvent& event);
std::optional<JournalEntry> journal_entry(const SubscriptionEvent& event,
                                          const DeploymentId& deployment,
                                          const SubscriptionFacts& facts);
std::optional<JournalEntry> journal_entry(const CustomerCreditEvent& event);
std::optional<JournalEntry> journal_entry(const BookEvent& event);

// `cost_account`: grid.cost of what the contract served, or grid.waste.
std::optional<JournalEntry> journal_entry(const UsageEvent& event, std::string_view cost_account);
std::string grid_cost_account(const DeploymentId& deployment, bool served);

// An adjustment is dated within the month it belongs to: now, or at its end.
Time posting_time(const BookEvent& event, Time now);

// The deployment of `<deployment>.<period>`; nothing for other ids.
std::optional<DeploymentId> deployment_of(std::string_view period_id);

// What became of a contract: whether it served, or was of an attempt that failed, of a name that
// was refused, or came too late. The first word about a contract counts.
struct ContractFate {
    ContractId contract;
    bool served = false;
};
BOOST_DESCRIBE_STRUCT(ContractFate, (), (contract, served))

std::vector<ContractFate> contract_fates(const DeploymentEvent& event);

// How much of a period was earned, when its subscription closes it.
struct PeriodEarned {
    std::uint32_t period = 0;
    Money amount;
};
BOOST_DESCRIBE_STRUCT(PeriodEarned, (), (period, amount))

std::optional<PeriodEarned> period_earned(const SubscriptionEvent& event,
                                          const SubscriptionFacts& facts);

// A credit note takes its net amount off the deferred income, whenever it comes. Where it gives
// back more than the period leaves unearned, the rest had been, or will be, taken as revenue: a
// second entry puts it where it belongs as soon as it is known how much was earned.
struct CreditNoteShare {
    DeploymentId deployment;
    std::uint32_t period = 0;
    Money issued; // The invoice's net amount.
    Money before; // That of its credit notes before this one.
    Money net;    // That of this one.
};
BOOST_DESCRIBE_STRUCT(CreditNoteShare, (), (deployment, period, issued, before, net))

// Of a credit note, or of an invoice that was voided after it had been issued.
std::optional<CreditNoteShare> credit_note_share(const InvoiceEvent& event,
                                                 const InvoiceFacts& facts);
std::optional<JournalEntry> earned_part(const CreditNoteShare& share, const Money& earned,
                                        std::string_view cause);

} // namespace domain
