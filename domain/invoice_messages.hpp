// What can be asked of an invoice, what can happen to it, and why it is refused. Stored names are
// never renamed or reused; a new field is optional.

#pragma once

#include "domain/billing_terms.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace domain {

// Which period of what an invoice is for.
struct InvoicePeriod {
    DeploymentId deployment;
    std::uint32_t number = 0; // 1 is the order, 2 the first renewal ...
    Time from;
    Time until;
};
BOOST_DESCRIBE_STRUCT(InvoicePeriod, (), (deployment, number, from, until))

struct DraftInvoice {
    static constexpr std::string_view type = "invoice.draft";
    InvoicePeriod period;
    BillingTerms terms;
};
BOOST_DESCRIBE_STRUCT(DraftInvoice, (), (period, terms))

struct IssueInvoice {
    static constexpr std::string_view type = "invoice.issue";
    std::uint64_t number = 0; // Of the dashboard's sequence.
};
BOOST_DESCRIBE_STRUCT(IssueInvoice, (), (number))

// Credit of the customer takes the place of money.
struct ApplyCredit {
    static constexpr std::string_view type = "invoice.apply_credit";
    std::string reference; // The hold of the credit; one is applied once.
    Money amount;
};
BOOST_DESCRIBE_STRUCT(ApplyCredit, (), (reference, amount))

struct RecordInvoicePayment {
    static constexpr std::string_view type = "invoice.record_payment";
    PaymentId payment;
    Money amount;
};
BOOST_DESCRIBE_STRUCT(RecordInvoicePayment, (), (payment, amount))

// Money of a payment went back, or came back after that.
struct RecordInvoiceRefund {
    static constexpr std::string_view type = "invoice.record_refund";
    PaymentId payment;
    std::uint32_t refund = 0; // Number within the payment.
    Money amount;
    bool failed = false;
};
BOOST_DESCRIBE_STRUCT(RecordInvoiceRefund, (), (payment, refund, amount, failed))

struct MarkPastDue {
    static constexpr std::string_view type = "invoice.mark_past_due";
};
BOOST_DESCRIBE_STRUCT(MarkPastDue, (), ())

// Corrects an issued invoice: it is never changed itself.
struct IssueCreditNote {
    static constexpr std::string_view type = "invoice.issue_credit_note";
    std::string reference; // Why it is asked for; one is issued once.
    Money amount;          // With tax.
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(IssueCreditNote, (), (reference, amount, reason))

struct ProposeWriteOff {
    static constexpr std::string_view type = "invoice.propose_write_off";
    std::optional<Money> amount; // Absent: all that is due.
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(ProposeWriteOff, (), (amount, reason))

// Approves what somebody else has proposed.
struct WriteOffInvoice {
    static constexpr std::string_view type = "invoice.write_off";
};
BOOST_DESCRIBE_STRUCT(WriteOffInvoice, (), ())

struct VoidInvoice {
    static constexpr std::string_view type = "invoice.void";
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(VoidInvoice, (), (reason))

using InvoiceCommand =
    std::variant<DraftInvoice, IssueInvoice, ApplyCredit, RecordInvoicePayment, RecordInvoiceRefund,
                 MarkPastDue, IssueCreditNote, ProposeWriteOff, WriteOffInvoice, VoidInvoice>;

// Events. `due` is what is still owed after each; below zero it is owed to the customer.

// Asks for a number.
struct InvoiceDrafted {
    static constexpr std::string_view type = "invoice.drafted";
    InvoicePeriod period;
    BillingTerms terms;
};
BOOST_DESCRIBE_STRUCT(InvoiceDrafted, (), (period, terms))

struct InvoiceIssued {
    static constexpr std::string_view type = "invoice.issued";
    std::uint64_t number = 0;
    InvoicePeriod period;
    BillingTerms terms;
    Money due;
};
BOOST_DESCRIBE_STRUCT(InvoiceIssued, (), (number, period, terms, due))

// Money that came before the invoice was issued. It counts from then on.
struct InvoicePaymentNoted {
    static constexpr std::string_view type = "invoice.payment_noted";
    PaymentId payment;
    Money amount;
};
BOOST_DESCRIBE_STRUCT(InvoicePaymentNoted, (), (payment, amount))

// `settled`: with this, nothing is due any more. Without a payment it was settled by credit, or
// there was nothing to pay.
struct InvoicePaid {
    static constexpr std::string_view type = "invoice.paid";
    std::optional<PaymentId> payment;
    Money amount;
    Money due;
    bool settled = false;
    bool was_past_due = false;
    InvoicePeriod period;
    BillingTerms terms;
};
BOOST_DESCRIBE_STRUCT(InvoicePaid, (), (payment, amount, due, settled, was_past_due, period, terms))

struct InvoiceRefunded {
    static constexpr std::string_view type = "invoice.refunded";
    PaymentId payment;
    std::uint32_t refund = 0;
    Money amount;
    Money due;
};
BOOST_DESCRIBE_STRUCT(InvoiceRefunded, (), (payment, refund, amount, due))

struct InvoiceRefundFailed {
    static constexpr std::string_view type = "invoice.refund_failed";
    PaymentId payment;
    std::uint32_t refund = 0;
    Money amount;
    Money due;
};
BOOST_DESCRIBE_STRUCT(InvoiceRefundFailed, (), (payment, refund, amount, due))

struct CreditApplied {
    static constexpr std::string_view type = "invoice.credit_applied";
    std::string reference;
    Money amount;
    Money due;
    AccountId payer;
    DashboardId dashboard;
};
BOOST_DESCRIBE_STRUCT(CreditApplied, (), (reference, amount, due, payer, dashboard))

struct InvoicePastDue {
    static constexpr std::string_view type = "invoice.past_due";
    Money due;
    InvoicePeriod period;
    AccountId payer;
    DashboardId dashboard;
};
BOOST_DESCRIBE_STRUCT(InvoicePastDue, (), (due, period, payer, dashboard))

struct CreditNoteIssued {
    static constexpr std::string_view type = "invoice.credit_note_issued";
    std::uint32_t note = 0; // 1, 2, 3 ... of the invoice.
    std::string reference;
    Money amount; // net + tax
    Money net;
    Money tax;
    Money due;
    std::optional<std::string> reason;
    InvoicePeriod period;
    AccountId payer;
    DashboardId dashboard;
    std::optional<std::string> tax_country;
};
BOOST_DESCRIBE_STRUCT(CreditNoteIssued, (),
                      (note, reference, amount, net, tax, due, reason, period, payer, dashboard,
                       tax_country))

struct WriteOffProposed {
    static constexpr std::string_view type = "invoice.write_off_proposed";
    Money amount;
    std::string reason;
    ActorId by;
};
BOOST_DESCRIBE_STRUCT(WriteOffProposed, (), (amount, reason, by))

struct InvoiceWrittenOff {
    static constexpr std::string_view type = "invoice.written_off";
    Money amount;
    std::string reason;
    ActorId proposed_by;
    ActorId approved_by;
    Money due;
    InvoicePeriod period;
    AccountId payer;
    DashboardId dashboard;
};
BOOST_DESCRIBE_STRUCT(InvoiceWrittenOff, (),
                      (amount, reason, proposed_by, approved_by, due, period, payer, dashboard))

// `amount` was due, and is not any more; nothing when it was not yet issued.
struct InvoiceVoided {
    static constexpr std::string_view type = "invoice.voided";
    Money amount;
    std::optional<std::string> reason;
    InvoicePeriod period;
    BillingTerms terms;
};
BOOST_DESCRIBE_STRUCT(InvoiceVoided, (), (amount, reason, period, terms))

using InvoiceEvent =
    std::variant<InvoiceDrafted, InvoiceIssued, InvoicePaymentNoted, InvoicePaid, InvoiceRefunded,
                 InvoiceRefundFailed, CreditApplied, InvoicePastDue, CreditNoteIssued,
                 WriteOffProposed, InvoiceWrittenOff, InvoiceVoided>;

enum class InvoiceRejection {
    not_found,
    period_already_invoiced,
    terms_invalid,
    tax_unknown,
    number_missing,
    already_issued,
    not_issued,
    invoice_voided,
    wrong_currency,
    amount_zero,
    exceeds_due,
    exceeds_invoice,
    reference_missing,
    reason_missing,
    credit_differs,
    note_differs,
    payment_differs,
    payment_unknown,
    refund_exceeds_paid,
    outcome_older_than_state,
    too_many_entries,
    four_eyes_required,
    already_paid,
};
BOOST_DESCRIBE_ENUM(InvoiceRejection, not_found, period_already_invoiced, terms_invalid,
                    tax_unknown, number_missing, already_issued, not_issued, invoice_voided,
                    wrong_currency, amount_zero, exceeds_due, exceeds_invoice, reference_missing,
                    reason_missing, credit_differs, note_differs, payment_differs, payment_unknown,
                    refund_exceeds_paid, outcome_older_than_state, too_many_entries,
                    four_eyes_required, already_paid)

} // namespace domain
