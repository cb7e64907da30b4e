// How events change an invoice. No rule is here: what happened, happened.

#include "domain/invoice.hpp"

namespace domain {

namespace {

using Status = InvoiceStatus;

// Nothing is due any more. How that came about gives it its name; money that is given back later
// does not open it again.
void settle(Invoice& invoice) {
    const bool open = invoice.status == Status::issued || invoice.status == Status::past_due;
    if (!open || due_of(invoice).minor > 0) return;
    const bool by_notes_alone =
        invoice.notes.minor > 0 && invoice.paid.minor == 0 && invoice.credit.minor == 0;
    invoice.status = invoice.written_off.minor > 0 ? Status::written_off
                     : by_notes_alone              ? Status::credited
                                                   : Status::paid;
}

void apply(Invoice& invoice, const InvoiceDrafted& event) {
    const Money none{0, event.terms.gross.currency};
    invoice.status = Status::drafted;
    invoice.period = event.period;
    invoice.terms = event.terms;
    invoice.issued = invoice.paid = invoice.credit = invoice.notes = none;
    invoice.notes_tax = invoice.written_off = invoice.voided = none;
}

void apply(Invoice& invoice, const InvoiceIssued& event) {
    invoice.status = Status::issued;
    invoice.number = event.number;
    invoice.issued = event.terms.gross;
    // Those that were noted before come again, as payments of what is now owed.
    invoice.payments.clear();
}

void apply(Invoice& invoice, const InvoicePaymentNoted& event) {
    invoice.payments.push_back({event.payment, event.amount});
}

void apply(Invoice& invoice, const InvoicePaid& event) {
    if (event.payment) invoice.payments.push_back({*event.payment, event.amount});
    invoice.paid = invoice.paid + event.amount;
    settle(invoice);
}

void apply(Invoice& invoice, const InvoiceRefunded& event) {
    invoice.refunds.push_back({event.payment, event.refund, event.amount, false});
    invoice.paid = invoice.paid - event.amount;
}

void apply(Invoice& invoice, const InvoiceRefundFailed& event) {
    for (InvoiceRefund& one : invoice.refunds)
        if (one.payment == event.payment && one.refund == event.refund) one.failed = true;
    invoice.paid = invoice.paid + event.amount;
}

void apply(Invoice& invoice, const CreditApplied& event) {
    invoice.credits.push_back({event.reference, event.amount});
    invoice.credit = invoice.credit + event.amount;
    settle(invoice);
}

void apply(Invoice& invoice, const InvoicePastDue&) { invoice.status = Status::past_due; }

void apply(Invoice& invoice, const CreditNoteIssued& event) {
    invoice.credit_notes.push_back({event.note, event.reference, event.amount, event.tax});
    invoice.notes = invoice.notes + event.amount;
    invoice.notes_tax = invoice.notes_tax + event.tax;
    settle(invoice);
}

void apply(Invoice& invoice, const WriteOffProposed& event) {
    invoice.write_off = WriteOffProposal{event.amount, event.reason, event.by};
}

void apply(Invoice& invoice, const InvoiceWrittenOff& event) {
    invoice.written_off = invoice.written_off + event.amount;
    invoice.write_off.reset();
    settle(invoice);
}

void apply(Invoice& invoice, const InvoiceVoided& event) {
    invoice.status = Status::voided;
    invoice.voided = event.amount;
    invoice.write_off.reset();
}

} // namespace

Invoice evolve(Invoice invoice, const InvoiceEvent& event) {
    std::visit([&](const auto& one) { apply(invoice, one); }, event);
    return invoice;
}

} // namespace domain
