// An invoice: what a payer owes for one period, and how it was settled.
//
//     drafted --> issued --> paid
//                    '--> past_due --> paid | written_off | credited
//     drafted, issued, past_due --> voided, while nothing was paid
//
// Once issued, at all times: issued = paid + credit + notes + written off + voided + due. A paid
// invoice that gets a credit note has less than nothing due, until the money is given back.

#pragma once

#include "domain/invoice_messages.hpp"
#include "domain/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace domain {

// Of each kind: payments, refunds, credits, notes.
inline constexpr std::size_t invoice_entries_max = 100;
inline constexpr std::int64_t invoice_amount_max = std::int64_t{1} << 53; // Of one entry.

// `none`: never drafted.
enum class InvoiceStatus { none, drafted, issued, past_due, paid, credited, written_off, voided };
BOOST_DESCRIBE_ENUM(InvoiceStatus, none, drafted, issued, past_due, paid, credited, written_off,
                    voided)

struct InvoicePayment {
    PaymentId payment;
    Money amount;
};
BOOST_DESCRIBE_STRUCT(InvoicePayment, (), (payment, amount))

struct InvoiceRefund {
    PaymentId payment;
    std::uint32_t refund = 0;
    Money amount;
    bool failed = false;
};
BOOST_DESCRIBE_STRUCT(InvoiceRefund, (), (payment, refund, amount, failed))

struct AppliedCredit {
    std::string reference;
    Money amount;
};
BOOST_DESCRIBE_STRUCT(AppliedCredit, (), (reference, amount))

struct CreditNote {
    std::uint32_t number = 0;
    std::string reference;
    Money amount;
    Money tax;
};
BOOST_DESCRIBE_STRUCT(CreditNote, (), (number, reference, amount, tax))

struct WriteOffProposal {
    Money amount;
    std::string reason;
    ActorId by;
};
BOOST_DESCRIBE_STRUCT(WriteOffProposal, (), (amount, reason, by))

struct Invoice {
    static constexpr std::string_view name = "invoice";
    using Command = InvoiceCommand;
    using Event = InvoiceEvent;
    using Rejection = InvoiceRejection;

    InvoiceStatus status = InvoiceStatus::none;
    InvoicePeriod period;
    BillingTerms terms;
    std::optional<std::uint64_t> number;
    Money issued; // Zero until it is.
    Money paid;   // What was given back taken off.
    Money credit;
    Money notes;
    Money notes_tax; // Of `notes`.
    Money written_off;
    Money voided;
    std::vector<InvoicePayment> payments;
    std::vector<InvoiceRefund> refunds;
    std::vector<AppliedCredit> credits;
    std::vector<CreditNote> credit_notes;
    std::optional<WriteOffProposal> write_off;
};
BOOST_DESCRIBE_STRUCT(Invoice, (),
                      (status, period, terms, number, issued, paid, credit, notes, notes_tax,
                       written_off, voided, payments, refunds, credits, credit_notes, write_off))

inline bool exists(const Invoice& invoice) { return invoice.status != InvoiceStatus::none; }

inline Money due_of(const Invoice& invoice) {
    return invoice.issued - invoice.paid - invoice.credit - invoice.notes - invoice.written_off -
           invoice.voided;
}

// No events: accepted, and nothing changes. `by` is who asks: two of them write an invoice off.
using InvoiceDecision = Result<std::vector<InvoiceEvent>, InvoiceRejection>;

InvoiceDecision decide(const Invoice& invoice, const InvoiceCommand& command, Time now,
                       const ActorId& by);
Invoice evolve(Invoice invoice, const InvoiceEvent& event);

// Who pays it.
inline std::string_view owner(const Invoice& invoice) { return invoice.terms.payer.value; }

} // namespace domain
