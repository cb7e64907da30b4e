// An invoice: its number, what settles it, what corrects it.

#include "domain/invoice.hpp"

#include "domain/calendar.hpp"
#include "tests/support/given.hpp"

#include <initializer_list>

namespace domain {

namespace {

using History = std::vector<InvoiceEvent>;
using Rejection = InvoiceRejection;
using Status = InvoiceStatus;
using tests::given;
using tests::some_time;

constexpr Money usd(std::int64_t cents) { return {cents, Currency::usd}; }
const Money eur{1, Currency::eur};
const ActorId staff{"operator-t"}, other_staff{"operator-u"}, nobody;
const PaymentId payment{"d2.1"};

BillingTerms taxed() {
    BillingTerms terms;
    terms.payer = {"user-b"};
    terms.dashboard = {"operator-t"};
    terms.plan = {"vm-s"};
    terms.price = terms.net = usd(1500);
    terms.tax = usd(315);
    terms.gross = usd(1815);
    terms.tax_basis_points = 2100;
    terms.tax_country = "BE";
    return terms;
}

const InvoicePeriod period{{"d2"}, 1, some_time, add_days(some_time, 30)};
const BillingTerms terms = taxed();

auto when(const History& history, const InvoiceCommand& command, const ActorId& by = staff) {
    return tests::Outcome{decide(given<Invoice>(history).state(), command, some_time, by)};
}

Invoice state(const History& history) { return given<Invoice>(history).state(); }

History after(History history, std::initializer_list<InvoiceCommand> commands) {
    for (const InvoiceCommand& command : commands) {
        const auto decision = decide(state(history), command, some_time, staff);
        EXPECT_TRUE(decision) << boost::describe::enum_to_string(decision.error(), "?");
        if (decision) history.insert(history.end(), decision->begin(), decision->end());
    }
    return history;
}

InvoicePaid paid_event(std::optional<PaymentId> of, std::int64_t amount, std::int64_t due,
                       bool settled = true, bool was_past_due = false) {
    return {std::move(of), usd(amount), usd(due), settled, was_past_due, period, terms};
}

CreditNoteIssued note_event(std::uint32_t number, const char* reference, std::int64_t amount,
                            std::int64_t tax, std::int64_t due) {
    return {number, reference, usd(amount), usd(amount - tax), usd(tax), usd(due),
            {},     period,    terms.payer, terms.dashboard,   "BE"};
}

const InvoiceCommand pay = RecordInvoicePayment{payment, usd(1815)};
InvoiceCommand note(const char* reference, std::int64_t amount) {
    return IssueCreditNote{reference, usd(amount), {}};
}

const History drafted = after({}, {DraftInvoice{period, terms}});
const History issued = after(drafted, {IssueInvoice{7}});
const History paid = after(issued, {pay});
const History past_due = after(issued, {MarkPastDue{}});
const History voided = after(issued, {VoidInvoice{}});
const History proposed = after(past_due, {ProposeWriteOff{{}, "unpaid"}});

TEST(Invoice, IsDraftedOncePerPeriod) {
    when({}, DraftInvoice{period, terms}).then({InvoiceDrafted{period, terms}});
    for (const History& history : {drafted, issued, paid, voided})
        when(history, DraftInvoice{period, terms})
            .then_rejected(Rejection::period_already_invoiced);
}

TEST(Invoice, IsForSomethingThatAddsUp) {
    auto wrong = terms;
    wrong.tax = usd(314);
    when({}, DraftInvoice{period, wrong}).then_rejected(Rejection::terms_invalid);
    wrong = terms;
    wrong.payer.value.clear();
    when({}, DraftInvoice{period, wrong}).then_rejected(Rejection::terms_invalid);
    when({}, DraftInvoice{{{"d2"}, 0, some_time, some_time}, terms})
        .then_rejected(Rejection::terms_invalid);
    when({}, DraftInvoice{{{}, 1, some_time, some_time}, terms})
        .then_rejected(Rejection::terms_invalid);
}

TEST(InvoiceThatWasNeverDrafted, RefusesEverythingElse) {
    const std::vector<InvoiceCommand> commands{
        IssueInvoice{1},       ApplyCredit{},     RecordInvoicePayment{},
        RecordInvoiceRefund{}, MarkPastDue{},     IssueCreditNote{},
        ProposeWriteOff{},     WriteOffInvoice{}, VoidInvoice{}};
    EXPECT_EQ(commands.size() + 1, std::variant_size_v<InvoiceCommand>);
    for (const InvoiceCommand& command : commands)
        when({}, command).then_rejected(Rejection::not_found);
}

TEST(Invoice, IsIssuedUnderItsNumber) {
    when(drafted, IssueInvoice{7}).then({InvoiceIssued{7, period, terms, usd(1815)}});
    for (const History& history : {issued, paid, past_due}) {
        when(history, IssueInvoice{7}).then_nothing();
        when(history, IssueInvoice{8}).then_rejected(Rejection::already_issued);
    }
    when(drafted, IssueInvoice{0}).then_rejected(Rejection::number_missing);
    when(after(drafted, {VoidInvoice{}}), IssueInvoice{7}).then_rejected(Rejection::invoice_voided);
}

TEST(Invoice, IsNotIssuedWithTaxThatIsOwedToNobody) {
    auto wrong = terms;
    wrong.tax_country.reset();
    when(after({}, {DraftInvoice{period, wrong}}), IssueInvoice{7})
        .then_rejected(Rejection::tax_unknown);
}

TEST(Invoice, OverNothingIsPaidAsItIsIssued) {
    auto nothing = terms;
    nothing.price = nothing.net = nothing.tax = nothing.gross = usd(0);
    InvoicePaid settled{{}, usd(0), usd(0), true, false, period, nothing};
    when(after({}, {DraftInvoice{period, nothing}}), IssueInvoice{7})
        .then({InvoiceIssued{7, period, nothing, usd(0)}, settled});
}

TEST(InvoicePayment, SettlesIt) {
    when(issued, pay).then({paid_event(payment, 1815, 0)});
    when(past_due, pay).then({paid_event(payment, 1815, 0, true, true)});
    EXPECT_EQ(state(paid).status, Status::paid);
    when(paid, pay).then_nothing();
    when(paid, RecordInvoicePayment{payment, usd(1)}).then_rejected(Rejection::payment_differs);
}

TEST(InvoicePayment, MayBeOfAPartOrOfTooMuch) {
    const RecordInvoicePayment part{payment, usd(1000)};
    when(issued, part).then({paid_event(payment, 1000, 815, false)});
    const History in_part = after(issued, {part});
    EXPECT_EQ(state(in_part).status, Status::issued);
    when(in_part, RecordInvoicePayment{{"d2.x"}, usd(900)})
        .then({paid_event(PaymentId{"d2.x"}, 900, -85)});
    // Money is money, also when nothing was due.
    when(paid, RecordInvoicePayment{{"d2.x"}, usd(5)})
        .then({paid_event(PaymentId{"d2.x"}, 5, -5, false)});
    when(voided, RecordInvoicePayment{{"d2.x"}, usd(5)})
        .then({paid_event(PaymentId{"d2.x"}, 5, -5, false)});
    when(issued, RecordInvoicePayment{payment, usd(0)}).then_rejected(Rejection::amount_zero);
    when(issued, RecordInvoicePayment{payment, eur}).then_rejected(Rejection::wrong_currency);
    when(issued, RecordInvoicePayment{{}, usd(5)}).then_rejected(Rejection::payment_unknown);
    when(issued, RecordInvoicePayment{payment, usd(invoice_amount_max + 1)})
        .then_rejected(Rejection::exceeds_invoice);
}

TEST(InvoicePayment, ThatComesBeforeTheNumberCountsFromThenOn) {
    when(drafted, pay).then({InvoicePaymentNoted{payment, usd(1815)}});
    const History noted = after(drafted, {pay});
    when(noted, pay).then_nothing();
    when(noted, IssueInvoice{7})
        .then({InvoiceIssued{7, period, terms, usd(1815)}, paid_event(payment, 1815, 0)});
    const Invoice both = state(after(noted, {IssueInvoice{7}}));
    EXPECT_EQ(both.payments.size(), 1U);
    EXPECT_EQ(both.paid, usd(1815));
    when(noted, VoidInvoice{}).then_rejected(Rejection::already_paid);
}

TEST(AppliedCredit, TakesThePlaceOfMoney) {
    when(issued, ApplyCredit{"hold 1", usd(100)})
        .then({CreditApplied{"hold 1", usd(100), usd(1715), terms.payer, terms.dashboard}});
    const History in_part = after(issued, {ApplyCredit{"hold 1", usd(100)}});
    when(in_part, ApplyCredit{"hold 1", usd(100)}).then_nothing();
    when(in_part, ApplyCredit{"hold 1", usd(101)}).then_rejected(Rejection::credit_differs);
    when(in_part, ApplyCredit{"hold 2", usd(1716)}).then_rejected(Rejection::exceeds_due);
    when(in_part, ApplyCredit{"hold 2", usd(1715)})
        .then({CreditApplied{"hold 2", usd(1715), usd(0), terms.payer, terms.dashboard},
               paid_event({}, 0, 0)});
    when(paid, ApplyCredit{"hold 2", usd(1)}).then_rejected(Rejection::exceeds_due);
    when(drafted, ApplyCredit{"hold 1", usd(1)}).then_rejected(Rejection::not_issued);
    when(voided, ApplyCredit{"hold 1", usd(1)}).then_rejected(Rejection::invoice_voided);
    when(issued, ApplyCredit{"", usd(1)}).then_rejected(Rejection::reference_missing);
    when(issued, ApplyCredit{"hold 1", eur}).then_rejected(Rejection::wrong_currency);
    when(issued, ApplyCredit{"hold 1", usd(0)}).then_rejected(Rejection::amount_zero);
}

TEST(CreditNote, HasItsPartOfTheTax) {
    when(paid, note("goodwill", 1000)).then({note_event(1, "goodwill", 1000, 174, -1000)});
    const History first = after(paid, {note("goodwill", 1000)});
    when(first, note("goodwill", 1000)).then_nothing();
    when(first, note("goodwill", 999)).then_rejected(Rejection::note_differs);
    when(first, note("rest", 815)).then({note_event(2, "rest", 815, 141, -1815)});
    when(first, note("rest", 816)).then_rejected(Rejection::exceeds_invoice);
    EXPECT_EQ(state(first).status, Status::paid);
}

TEST(CreditNote, MaySettleWhatNobodyPaid) {
    const History all = after(past_due, {note("not delivered", 1815)});
    EXPECT_EQ(state(all).status, Status::credited);
    when(all, MarkPastDue{}).then_nothing();
    when(drafted, note("early", 1)).then_rejected(Rejection::not_issued);
    when(voided, note("late", 1)).then_rejected(Rejection::invoice_voided);
    when(issued, note("", 1)).then_rejected(Rejection::reference_missing);
    when(issued, note("nothing", 0)).then_rejected(Rejection::amount_zero);
    when(issued, IssueCreditNote{"other", eur, {}}).then_rejected(Rejection::wrong_currency);
}

TEST(CreditNotes, AddUpToTheTaxOfTheInvoice) {
    for (const std::int64_t step : {1, 7, 13, 500}) {
        History history = paid;
        for (int i = 0; i < 90 && state(history).notes < usd(1815); ++i) {
            const Money rest = usd(1815) - state(history).notes;
            const std::string reference = std::to_string(i);
            history = after(history, {IssueCreditNote{reference, std::min(rest, usd(step)), {}}});
        }
        const Money left = usd(1815) - state(history).notes;
        if (left.minor > 0) history = after(history, {IssueCreditNote{"rest", left, {}}});
        EXPECT_EQ(state(history).notes_tax, usd(315));
    }
}

TEST(CreditNotes, HaveALimit) {
    History history = paid;
    for (std::size_t i = 0; i < invoice_entries_max; ++i)
        history = after(history, {IssueCreditNote{std::to_string(i), usd(1), {}}});
    when(history, note("one more", 1)).then_rejected(Rejection::too_many_entries);
}

TEST(InvoiceRefund, GivesBackWhatWasPaid) {
    const RecordInvoiceRefund back{payment, 1, usd(1815), false};
    const RecordInvoiceRefund again{payment, 1, usd(1815), true};
    const History noted = after(paid, {note("not delivered", 1815)});
    when(noted, back).then({InvoiceRefunded{payment, 1, usd(1815), usd(0)}});
    const History refunded = after(noted, {back});
    EXPECT_EQ(due_of(state(refunded)), usd(0));
    when(refunded, back).then_nothing();
    when(refunded, again).then({InvoiceRefundFailed{payment, 1, usd(1815), usd(-1815)}});
    const History failed = after(refunded, {again});
    when(failed, again).then_nothing();
    when(failed, back).then_rejected(Rejection::outcome_older_than_state);
    // One that failed before it had succeeded never counted.
    when(noted, again).then_nothing();
    when(refunded, RecordInvoiceRefund{payment, 1, usd(1), false})
        .then_rejected(Rejection::payment_differs);
    when(refunded, RecordInvoiceRefund{payment, 2, usd(1), false})
        .then_rejected(Rejection::refund_exceeds_paid);
    when(noted, RecordInvoiceRefund{{"d9.1"}, 1, usd(1), false})
        .then_rejected(Rejection::payment_unknown);
    when(noted, RecordInvoiceRefund{payment, 1, usd(0), false})
        .then_rejected(Rejection::amount_zero);
    when(after(drafted, {pay}), back).then_rejected(Rejection::not_issued);
}

TEST(PastDue, IsWhatIsIssuedAndNotSettled) {
    when(issued, MarkPastDue{})
        .then({InvoicePastDue{usd(1815), period, terms.payer, terms.dashboard}});
    for (const History& history : {past_due, paid, voided})
        when(history, MarkPastDue{}).then_nothing();
    when(drafted, MarkPastDue{}).then_rejected(Rejection::not_issued);
}

TEST(WriteOff, NeedsTwoPeople) {
    when(past_due, ProposeWriteOff{{}, "unpaid"})
        .then({WriteOffProposed{usd(1815), "unpaid", staff}});
    when(proposed, ProposeWriteOff{{}, "unpaid"}).then_nothing();
    when(proposed, ProposeWriteOff{usd(100), "unpaid"}, other_staff)
        .then({WriteOffProposed{usd(100), "unpaid", other_staff}});
    when(proposed, WriteOffInvoice{}, staff).then_rejected(Rejection::four_eyes_required);
    when(proposed, WriteOffInvoice{}, nobody).then_rejected(Rejection::four_eyes_required);
    when(past_due, WriteOffInvoice{}, other_staff).then_rejected(Rejection::four_eyes_required);
    when(past_due, ProposeWriteOff{{}, "unpaid"}, nobody)
        .then_rejected(Rejection::four_eyes_required);
    const InvoiceWrittenOff event{usd(1815), "unpaid", staff,       other_staff,
                                  usd(0),    period,   terms.payer, terms.dashboard};
    when(proposed, WriteOffInvoice{}, other_staff).then({event});
    History over = proposed;
    over.push_back(event);
    EXPECT_EQ(state(over).status, Status::written_off);
    when(over, WriteOffInvoice{}, other_staff).then_rejected(Rejection::four_eyes_required);
}

TEST(WriteOff, IsOfWhatIsStillDue) {
    when(past_due, ProposeWriteOff{usd(1816), "unpaid"}).then_rejected(Rejection::exceeds_due);
    when(past_due, ProposeWriteOff{usd(0), "unpaid"}).then_rejected(Rejection::amount_zero);
    when(past_due, ProposeWriteOff{eur, "unpaid"}).then_rejected(Rejection::wrong_currency);
    when(past_due, ProposeWriteOff{{}, ""}).then_rejected(Rejection::reason_missing);
    when(paid, ProposeWriteOff{usd(1), "unpaid"}).then_rejected(Rejection::exceeds_due);
    when(drafted, ProposeWriteOff{usd(1), "unpaid"}).then_rejected(Rejection::not_issued);
    when(voided, ProposeWriteOff{usd(1), "unpaid"}).then_rejected(Rejection::invoice_voided);
    // Paid since it was proposed.
    for (const InvoiceCommand& command : {pay, note("part", 1)})
        when(after(proposed, {command}), WriteOffInvoice{}, other_staff)
            .then_rejected(Rejection::exceeds_due);
    // The part that was not used is credited, the rest written off, in either order.
    const History partial = after(past_due, {note("unused", 815), ProposeWriteOff{{}, "unpaid"}});
    const auto decision = decide(state(partial), WriteOffInvoice{}, some_time, other_staff);
    History over = partial;
    over.push_back(decision->front());
    EXPECT_EQ(state(over).status, Status::written_off);
    EXPECT_EQ(due_of(state(over)), usd(0));
}

TEST(VoidedInvoice, WasNotTouched) {
    when(drafted, VoidInvoice{"double"}).then({InvoiceVoided{usd(0), "double", period, terms}});
    when(issued, VoidInvoice{}).then({InvoiceVoided{usd(1815), {}, period, terms}});
    when(voided, VoidInvoice{}).then_nothing();
    EXPECT_EQ(due_of(state(voided)), usd(0));
    for (const History& history :
         {paid, after(issued, {ApplyCredit{"hold 1", usd(1)}}), after(issued, {note("part", 1)}),
          after(issued, {RecordInvoicePayment{payment, usd(1)}})})
        when(history, VoidInvoice{}).then_rejected(Rejection::already_paid);
}

} // namespace

} // namespace domain
