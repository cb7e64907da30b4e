// Random commands at random payments: whatever comes, the money adds up.

#include "tests/domain/payment_samples.hpp"

#include <map>
#include <random>

namespace domain {

namespace {

class Walk {
public:
    explicit Walk(std::uint64_t seed) : random_{seed} {}

    std::int64_t draw(std::int64_t below) {
        return std::uniform_int_distribution<std::int64_t>{0, below - 1}(random_);
    }
    bool rarely() { return draw(12) == 0; }

    Money amount() {
        const std::int64_t minor = draw(3) == 0 ? 1000 : draw(1100) - 20;
        return {minor, rarely() ? Currency::eur : Currency::usd};
    }
    std::optional<Money> perhaps_amount() {
        if (draw(2) == 0) return std::nullopt;
        return amount();
    }
    std::uint32_t number() { return static_cast<std::uint32_t>(draw(4)); }
    std::optional<std::uint32_t> perhaps_number() {
        if (draw(2) == 0) return std::nullopt;
        return number();
    }
    DisputeId any_dispute() { return rarely() ? other_dispute : dispute; }
    Time now() { return later(draw(200)); }

    PaymentCommand command() {
        switch (draw(16)) {
        case 0: return RequestPayment{payer, amount(), first_card, {}, {}};
        case 1:
        case 2: {
            RecordPaymentOutcome outcome;
            outcome.outcome = static_cast<PaymentOutcome>(draw(5));
            outcome.attempt = perhaps_number();
            outcome.amount = perhaps_amount();
            if (draw(2) == 0) outcome.capture_before = now();
            outcome.provider_reference = rarely() ? "pi_2" : intent;
            return outcome;
        }
        case 3: return ConfirmPayment{second_card};
        case 4: return CapturePayment{perhaps_amount()};
        case 5:
            return RecordCaptureOutcome{draw(2) == 0 ? CaptureOutcome::captured
                                                     : CaptureOutcome::failed,
                                        perhaps_number(),
                                        perhaps_amount(),
                                        {}};
        case 6:
            if (!rarely()) return CapturePayment{};
            return VoidPayment{};
        case 7:
            if (!rarely()) return RecordCaptureOutcome{CaptureOutcome::captured, {}, {}, {}};
            return ExpireHold{};
        case 8: return RecordCardFee{amount()};
        case 9: return RequestRefund{amount(), {}};
        case 10:
        case 11: return RecordRefundOutcome{number(), static_cast<RefundOutcome>(draw(3)), {}};
        case 12:
            if (draw(4) != 0) return RequestRefund{usd(draw(300)), {}};
            return RecordDispute{any_dispute(), amount(), "general", now()};
        case 13:
            if (draw(2) == 0) return AcceptDispute{};
            return SubmitEvidence{"vault/1"};
        case 14: return RecordDisputeOutcome{any_dispute(), static_cast<DisputeOutcome>(draw(2))};
        default: return RecordFraudWarning{{"issfr_1"}, "misc"};
        }
    }

private:
    std::mt19937_64 random_;
};

void check(const Payment& payment) {
    const std::int64_t returned = payment.refunded.minor + payment.lost.minor;
    EXPECT_LE(payment.held.minor, payment.amount.minor);
    EXPECT_LE(payment.captured.minor, payment.held.minor);
    EXPECT_LE(returned, payment.captured.minor);
    std::int64_t succeeded = 0, waiting = 0;
    for (const PaymentRefund& refund : payment.refunds) {
        if (refund.status == RefundStatus::succeeded) succeeded += refund.amount.minor;
        if (refund.status == RefundStatus::requested || refund.status == RefundStatus::pending)
            waiting += refund.amount.minor;
    }
    EXPECT_EQ(payment.refunded.minor, succeeded);
    EXPECT_EQ(payment.refunds_pending.minor, waiting);
    EXPECT_LE(succeeded + waiting, payment.captured.minor);
    for (const Money& part : {payment.held, payment.captured, payment.refunded,
                              payment.refunds_pending, payment.lost}) {
        EXPECT_GE(part.minor, 0);
        EXPECT_EQ(part.currency, payment.amount.currency);
    }
    EXPECT_LE(payment.attempt, payment_attempts_max);
}

TEST(PaymentWalk, KeepsTheMoneyAndTheRanksInOrder) {
    std::map<std::size_t, int> events_seen;
    std::map<PaymentRejection, int> rejections_seen;
    for (std::uint64_t seed = 0; seed < 3'000 && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        Walk walk{seed};
        Payment payment;
        for (int step = 0; step < 60; ++step) {
            const auto decision = decide(payment, walk.command(), walk.now());
            if (!decision) {
                ++rejections_seen[decision.error()];
                continue;
            }
            for (const PaymentEvent& event : *decision) {
                ++events_seen[event.index()];
                const int before = rank(payment.status);
                payment = evolve(std::move(payment), event);
                // Only a new attempt begins again.
                if (!std::holds_alternative<PaymentRequested>(event)) {
                    EXPECT_GE(rank(payment.status), before);
                }
                check(payment);
            }
        }
    }
    // The walk has been everywhere, but for what needs a missing word or 100 refunds.
    EXPECT_EQ(events_seen.size(), std::variant_size_v<PaymentEvent>);
    EXPECT_GE(rejections_seen.size(), 25U);
}

// A conclusion that is delivered twice, at once or later, changes nothing more.
TEST(PaymentWalk, DecidesNothingOnARepeatedConclusion) {
    for (std::uint64_t seed = 0; seed < 1'000 && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        Walk walk{seed};
        Payment payment;
        for (int step = 0; step < 60; ++step) {
            const PaymentCommand command = walk.command();
            const Time now = walk.now();
            const auto decision = decide(payment, command, now);
            if (!decision) continue;
            for (const PaymentEvent& event : *decision)
                payment = evolve(std::move(payment), event);
            const bool asks_again = std::holds_alternative<RequestRefund>(command) ||
                                    std::holds_alternative<SubmitEvidence>(command);
            if (asks_again) continue;
            const auto again = decide(payment, command, now);
            EXPECT_TRUE(!again || again->empty())
                << tests::print(*again) << " after " << tests::print(*decision);
        }
    }
}

} // namespace

} // namespace domain
