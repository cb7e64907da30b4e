#include "domain/invoice.hpp"

#include "domain/pricing.hpp"

#include <algorithm>
#include <utility>

namespace domain {

namespace {

using Events = std::vector<InvoiceEvent>;
using Rejection = InvoiceRejection;
using Status = InvoiceStatus;

// An initializer list would copy the events.
template <class... Some>
InvoiceDecision decided(Some&&... some) {
    Events events;
    (events.emplace_back(std::forward<Some>(some)), ...);
    return events;
}

InvoiceDecision nothing() { return Events{}; }

// Issued, and something may be due.
bool is_open(const Invoice& invoice) {
    return invoice.status == Status::issued || invoice.status == Status::past_due;
}

std::optional<Rejection> wrong(const Invoice& invoice, const Money& amount) {
    if (amount.currency != invoice.terms.gross.currency) return Rejection::wrong_currency;
    if (amount.minor <= 0) return Rejection::amount_zero;
    // So that all entries together can be counted.
    if (amount.minor > invoice_amount_max) return Rejection::exceeds_invoice;
    return std::nullopt;
}

// Why there is nothing to correct or to settle yet, or any more.
std::optional<Rejection> unissued(const Invoice& invoice) {
    if (invoice.status == Status::drafted) return Rejection::not_issued;
    if (invoice.status == Status::voided) return Rejection::invoice_voided;
    return std::nullopt;
}

Money none_of(const Invoice& invoice) { return {0, invoice.terms.gross.currency}; }

InvoicePaid paid(const Invoice& invoice, std::optional<PaymentId> payment, const Money& amount,
                 const Money& due) {
    return {std::move(payment),
            amount,
            due,
            is_open(invoice) && due <= none_of(invoice),
            invoice.status == Status::past_due,
            invoice.period,
            invoice.terms};
}

InvoiceDecision handle(const Invoice& invoice, const DraftInvoice& command, const ActorId&) {
    if (exists(invoice)) return Rejection::period_already_invoiced;
    if (command.period.deployment.value.empty() || command.period.number == 0 ||
        command.terms.payer.value.empty() || !adds_up(command.terms))
        return Rejection::terms_invalid;
    return decided(InvoiceDrafted{command.period, command.terms});
}

InvoiceDecision handle(const Invoice& invoice, const IssueInvoice& command, const ActorId&) {
    if (invoice.status == Status::voided) return Rejection::invoice_voided;
    if (invoice.number) {
        if (*invoice.number == command.number) return nothing();
        return Rejection::already_issued;
    }
    if (command.number == 0) return Rejection::number_missing;
    const BillingTerms& terms = invoice.terms;
    if (terms.tax.minor > 0 && !terms.tax_country) return Rejection::tax_unknown;

    InvoiceIssued issued{command.number, invoice.period, terms, terms.gross};
    Invoice after = evolve(invoice, issued);
    auto decision = decided(std::move(issued));
    for (const InvoicePayment& one : invoice.payments) {
        InvoicePaid event = paid(after, one.payment, one.amount, due_of(after) - one.amount);
        after = evolve(std::move(after), event);
        decision->emplace_back(std::move(event));
    }
    if (terms.gross.minor == 0 && is_open(after))
        decision->emplace_back(paid(after, std::nullopt, terms.gross, terms.gross));
    return decision;
}

InvoiceDecision handle(const Invoice& invoice, const ApplyCredit& command, const ActorId&) {
    if (const auto reason = unissued(invoice)) return *reason;
    if (const auto reason = wrong(invoice, command.amount)) return *reason;
    if (command.reference.empty()) return Rejection::reference_missing;
    const auto known =
        std::ranges::find(invoice.credits, command.reference, &AppliedCredit::reference);
    if (known != invoice.credits.end()) {
        if (known->amount == command.amount) return nothing();
        return Rejection::credit_differs;
    }
    const Money due = due_of(invoice) - command.amount;
    if (!is_open(invoice) || due < none_of(invoice)) return Rejection::exceeds_due;
    if (invoice.credits.size() >= invoice_entries_max) return Rejection::too_many_entries;
    CreditApplied applied{command.reference, command.amount, due, invoice.terms.payer,
                          invoice.terms.dashboard};
    if (due > none_of(invoice)) return decided(std::move(applied));
    return decided(std::move(applied), paid(invoice, std::nullopt, none_of(invoice), due));
}

InvoiceDecision handle(const Invoice& invoice, const RecordInvoicePayment& command,
                       const ActorId&) {
    if (const auto reason = wrong(invoice, command.amount)) return *reason;
    if (command.payment.value.empty()) return Rejection::payment_unknown;
    const auto known =
        std::ranges::find(invoice.payments, command.payment, &InvoicePayment::payment);
    if (known != invoice.payments.end()) {
        if (known->amount == command.amount) return nothing();
        return Rejection::payment_differs;
    }
    if (invoice.payments.size() >= invoice_entries_max) return Rejection::too_many_entries;
    if (invoice.status == Status::drafted)
        return decided(InvoicePaymentNoted{command.payment, command.amount});
    // Money is money, even when nothing was due: then it is owed back.
    return decided(
        paid(invoice, command.payment, command.amount, due_of(invoice) - command.amount));
}

InvoiceDecision handle(const Invoice& invoice, const RecordInvoiceRefund& command, const ActorId&) {
    if (const auto reason = wrong(invoice, command.amount)) return *reason;
    if (std::ranges::find(invoice.payments, command.payment, &InvoicePayment::payment) ==
        invoice.payments.end())
        return Rejection::payment_unknown;
    const auto known = std::ranges::find_if(invoice.refunds, [&](const InvoiceRefund& one) {
        return one.payment == command.payment && one.refund == command.refund;
    });
    if (known == invoice.refunds.end()) {
        if (command.failed) return nothing(); // It never counted.
        if (invoice.status == Status::drafted) return Rejection::not_issued;
        if (command.amount > invoice.paid) return Rejection::refund_exceeds_paid;
        if (invoice.refunds.size() >= invoice_entries_max) return Rejection::too_many_entries;
        return decided(InvoiceRefunded{command.payment, command.refund, command.amount,
                                       due_of(invoice) + command.amount});
    }
    if (known->amount != command.amount) return Rejection::payment_differs;
    if (known->failed == command.failed) return nothing();
    if (known->failed) return Rejection::outcome_older_than_state;
    return decided(InvoiceRefundFailed{command.payment, command.refund, command.amount,
                                       due_of(invoice) - command.amount});
}

InvoiceDecision handle(const Invoice& invoice, const MarkPastDue&, const ActorId&) {
    if (invoice.status == Status::drafted) return Rejection::not_issued;
    // It may have been settled before the timer came.
    if (invoice.status != Status::issued) return nothing();
    return decided(InvoicePastDue{due_of(invoice), invoice.period, invoice.terms.payer,
                                  invoice.terms.dashboard});
}

InvoiceDecision handle(const Invoice& invoice, const IssueCreditNote& command, const ActorId&) {
    if (const auto reason = unissued(invoice)) return *reason;
    if (const auto reason = wrong(invoice, command.amount)) return *reason;
    if (command.reference.empty()) return Rejection::reference_missing;
    const auto known =
        std::ranges::find(invoice.credit_notes, command.reference, &CreditNote::reference);
    if (known != invoice.credit_notes.end()) {
        if (known->amount == command.amount) return nothing();
        return Rejection::note_differs;
    }
    if (command.amount > invoice.issued - invoice.notes - invoice.written_off)
        return Rejection::exceeds_invoice;
    if (invoice.credit_notes.size() >= invoice_entries_max) return Rejection::too_many_entries;
    const BillingTerms& terms = invoice.terms;
    const Money tax =
        refund_tax(terms.gross, terms.tax, invoice.notes, invoice.notes_tax, command.amount);
    return decided(CreditNoteIssued{
        static_cast<std::uint32_t>(invoice.credit_notes.size() + 1), command.reference,
        command.amount, command.amount - tax, tax, due_of(invoice) - command.amount, command.reason,
        invoice.period, terms.payer, terms.dashboard, terms.tax_country});
}

InvoiceDecision handle(const Invoice& invoice, const ProposeWriteOff& command, const ActorId& by) {
    if (const auto reason = unissued(invoice)) return *reason;
    if (!is_open(invoice)) return Rejection::exceeds_due;
    if (command.reason.empty()) return Rejection::reason_missing;
    if (by.value.empty()) return Rejection::four_eyes_required;
    const Money amount = command.amount.value_or(due_of(invoice));
    if (const auto reason = wrong(invoice, amount)) return *reason;
    if (amount > due_of(invoice)) return Rejection::exceeds_due;
    const WriteOffProposed proposed{amount, command.reason, by};
    if (invoice.write_off == WriteOffProposal{amount, command.reason, by}) return nothing();
    return decided(proposed);
}

InvoiceDecision handle(const Invoice& invoice, const WriteOffInvoice&, const ActorId& by) {
    if (const auto reason = unissued(invoice)) return *reason;
    if (!invoice.write_off || by.value.empty() || invoice.write_off->by == by)
        return Rejection::four_eyes_required;
    const WriteOffProposal& proposal = *invoice.write_off;
    // Something may have been paid since it was proposed.
    const Money due = due_of(invoice) - proposal.amount;
    if (!is_open(invoice) || due < none_of(invoice)) return Rejection::exceeds_due;
    return decided(InvoiceWrittenOff{proposal.amount, proposal.reason, proposal.by, by, due,
                                     invoice.period, invoice.terms.payer, invoice.terms.dashboard});
}

InvoiceDecision handle(const Invoice& invoice, const VoidInvoice& command, const ActorId&) {
    if (invoice.status == Status::voided) return nothing();
    const bool untouched = invoice.payments.empty() && invoice.credits.empty() &&
                           invoice.credit_notes.empty() && invoice.written_off.minor == 0;
    if (!untouched || (invoice.status != Status::drafted && !is_open(invoice)))
        return Rejection::already_paid;
    return decided(
        InvoiceVoided{invoice.status == Status::drafted ? none_of(invoice) : due_of(invoice),
                      command.reason, invoice.period, invoice.terms});
}

} // namespace

InvoiceDecision decide(const Invoice& invoice, const InvoiceCommand& command, Time,
                       const ActorId& by) {
    if (!exists(invoice) && !std::holds_alternative<DraftInvoice>(command))
        return Rejection::not_found;
    return std::visit([&](const auto& one) { return handle(invoice, one, by); }, command);
}

} // namespace domain
