#include "tests/crash/workload.hpp"

#include "schemas/codec.hpp"

#include <boost/describe/enum_to_string.hpp>

#include <algorithm>

namespace tests::crash {

namespace {

using namespace domain;
using Status = PaymentStatus;

constexpr std::size_t payments_max = 24; // Driven at the same time by one connection.
constexpr std::size_t payments_min = 6;

std::string body_of(const PaymentCommand& command) {
    std::string body;
    schemas::write_data(command, body);
    return body;
}

// The same kind of command with other content, or nothing where there is no content.
struct OtherCommand {
    PaymentCommand operator()(RequestPayment command) const {
        ++command.amount.minor;
        return command;
    }
    PaymentCommand operator()(CapturePayment command) const {
        if (command.amount) ++command.amount->minor;
        return command;
    }
    PaymentCommand operator()(RequestRefund command) const {
        ++command.amount.minor;
        return command;
    }
    PaymentCommand operator()(RecordPaymentOutcome command) const {
        command.reason = "another";
        return command;
    }
    template <class Other>
    PaymentCommand operator()(const Other& command) const {
        return command;
    }
};

RecordPaymentOutcome outcome(PaymentOutcome what) {
    RecordPaymentOutcome command;
    command.outcome = what;
    return command;
}

// "" when the command has to be accepted now.
std::string refusal_of(const Payment& payment, const PaymentCommand& command) {
    const PaymentDecision decision = decide(payment, command, Time{});
    return decision ? "" : boost::describe::enum_to_string(decision.error(), "unknown");
}

} // namespace

Workload::Workload(std::uint64_t seed, std::string name) : random_{seed}, name_{std::move(name)} {}

Money Workload::part_of(Money whole) {
    if (whole.minor <= 1 || chance(25)) return whole;
    return {1 + static_cast<std::int64_t>(draw(static_cast<std::uint64_t>(whole.minor))),
            whole.currency};
}

Step Workload::step(std::size_t place, PaymentCommand command) {
    Known& payment = payments_[place];
    payment.under_way = true;
    Step step;
    step.key = key();
    step.type = schemas::type_of(command);
    step.path = "/v1/payments";
    if (step.type != RequestPayment::type) {
        std::string verb = step.type.substr(step.type.find('.') + 1);
        std::ranges::replace(verb, '_', '-');
        step.path += "/" + payment.id + "/" + verb;
        step.payment_id = payment.id;
    }
    step.body = body_of(command);
    step.other_body = body_of(std::visit(OtherCommand{}, command));
    if (step.other_body == step.body) step.other_body.clear();
    step.place = place;
    step.refusal = refusal_of(payment.state, command);
    step.command = std::move(command);
    return step;
}

Step Workload::request() {
    std::size_t place = payments_.size();
    if (free_.empty()) {
        payments_.emplace_back();
    } else {
        place = free_.back();
        free_.pop_back();
        payments_[place] = {};
    }
    RequestPayment command;
    command.payer.value = "user-" + std::to_string(draw(1000));
    // Now and then there is nothing to pay, which is refused.
    command.amount.minor = chance(3) ? 0 : 100 + static_cast<std::int64_t>(draw(100'000));
    return step(place, command);
}

PaymentCommand Workload::sensible(const Payment& payment) {
    switch (payment.status) {
    case Status::requested:
    case Status::unknown:
    case Status::action_required: {
        const auto luck = draw(20);
        if (luck == 0) return VoidPayment{};
        if (luck == 1) return outcome(PaymentOutcome::charged);
        if (luck < 4) return outcome(PaymentOutcome::declined);
        if (luck < 6) return outcome(PaymentOutcome::action_required);
        if (luck == 6) return outcome(PaymentOutcome::unknown);
        return outcome(PaymentOutcome::held);
    }
    case Status::declined: {
        ConfirmPayment command;
        command.card.value = "card-" + std::to_string(draw(10));
        return command;
    }
    case Status::held:
        if (payment.capture_pending) {
            RecordCaptureOutcome command;
            command.outcome = chance(80) ? CaptureOutcome::captured : CaptureOutcome::failed;
            return command;
        }
        if (chance(5)) return ExpireHold{};
        return CapturePayment{part_of(payment.held)};
    default: return of_captured(payment);
    }
}

PaymentCommand Workload::of_captured(const Payment& payment) {
    for (const PaymentRefund& refund : payment.refunds)
        if (refund.status == RefundStatus::requested || refund.status == RefundStatus::pending) {
            RecordRefundOutcome command;
            command.refund = refund.number;
            command.outcome = chance(80)   ? RefundOutcome::succeeded
                              : chance(50) ? RefundOutcome::pending
                                           : RefundOutcome::failed;
            return command;
        }
    if (payment.dispute && payment.dispute->status == DisputeStatus::open) {
        if (chance(30)) return SubmitEvidence{"document-" + std::to_string(draw(100))};
        RecordDisputeOutcome command;
        command.dispute = payment.dispute->id;
        command.outcome = chance(50) ? DisputeOutcome::won : DisputeOutcome::lost;
        return command;
    }
    const Money rest = payment.captured - payment.refunded - payment.lost;
    const auto luck = draw(20);
    if (luck == 0) return RecordCardFee{{30, payment.amount.currency}};
    if (luck == 1) {
        RecordDispute command;
        command.dispute.value = "dispute-" + std::to_string(draw(100));
        command.amount = part_of(rest);
        command.reason = "fraudulent";
        return command;
    }
    RequestRefund command;
    command.amount = part_of(rest);
    return command;
}

// Mostly something that has to be refused, or changes nothing.
PaymentCommand Workload::anything(const Payment& payment) {
    const Money much{payment.amount.minor + 1, payment.amount.currency};
    switch (draw(8)) {
    case 0: return CapturePayment{much};
    case 1: {
        RequestRefund command;
        command.amount = much;
        return command;
    }
    case 2: return outcome(PaymentOutcome::held);
    case 3: return outcome(PaymentOutcome::declined);
    case 4: return VoidPayment{};
    case 5: {
        RecordRefundOutcome command;
        command.refund = 99;
        return command;
    }
    case 6: {
        ConfirmPayment command;
        command.card.value = "card";
        return command;
    }
    default: return ExpireHold{};
    }
}

void Workload::follow(const std::string& id, std::vector<Step>& steps) {
    const std::size_t place = steps.front().place;
    payments_[place].id = id;
    for (PaymentCommand command :
         {PaymentCommand{outcome(PaymentOutcome::held)}, PaymentCommand{CapturePayment{}},
          PaymentCommand{RecordCaptureOutcome{CaptureOutcome::captured, {}, {}, {}}}}) {
        steps.push_back(step(place, std::move(command)));
        steps.back().either = true;
    }
}

std::size_t Workload::pick() {
    for (int tries = 0; tries < 16 && !payments_.empty(); ++tries) {
        const std::size_t place = draw(payments_.size());
        if (!payments_[place].under_way && !payments_[place].over) return place;
    }
    return payments_.size();
}

Step Workload::next() {
    const std::size_t open = payments_.size() - free_.size();
    if (open < payments_min || (open < payments_max && chance(25))) return request();
    const std::size_t place = pick();
    if (place == payments_.size()) return request();
    const Payment& payment = payments_[place].state;
    return step(place, chance(15) ? anything(payment) : sensible(payment));
}

std::vector<Step> Workload::several(std::size_t count) {
    std::vector<Step> steps;
    for (std::size_t i = 0; i < count; ++i)
        steps.push_back(next());
    return steps;
}

std::string Workload::conclude(const Step& step, bool accepted, std::string_view code,
                               std::string_view id, std::uint64_t version,
                               std::string_view position) {
    Known& payment = payments_[step.place];
    payment.under_way = false;
    std::string wrong;
    if (!step.either && code != step.refusal)
        wrong =
            step.refusal.empty() ? "has to be accepted" : "has to be refused as " + step.refusal;
    if (accepted) {
        payment.id = id;
        payment.position = position;
        if (const PaymentDecision decision = decide(payment.state, step.command, Time{})) {
            for (const PaymentEvent& event : *decision)
                payment.state = evolve(std::move(payment.state), event);
            payment.version += decision->size();
        }
        if (wrong.empty() && version != payment.version)
            wrong = "has to give version " + std::to_string(payment.version);
        payment.version = version; // One finding is enough.
    }
    const Status status = payment.state.status;
    const bool ended = status == Status::none || status == Status::refunded ||
                       status == Status::voided || status == Status::hold_expired;
    // Those that ended hear of something more, and not every payment ever ends.
    if (!payment.over && (status == Status::none || chance(ended ? 50 : 2))) {
        payment.over = true;
        free_.push_back(step.place);
    }
    return wrong;
}

const Workload::Known* Workload::any() {
    const std::size_t place = pick();
    return place == payments_.size() ? nullptr : &payments_[place];
}

} // namespace tests::crash
