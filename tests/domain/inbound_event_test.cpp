// A message from outside: kept once, believed when signed, tried until a person has to look.

#include "domain/inbound_event.hpp"

#include "tests/support/given.hpp"

namespace domain {

namespace {

using tests::given;
using tests::some_time;
using History = std::vector<InboundEventEvent>;
using Rejection = InboundEventRejection;

constexpr Time later(std::int64_t minutes) { return {some_time.milliseconds + minutes * 60'000}; }

const std::string body = R"({"id":"evt_1"})";

History operator+(History history, const InboundEventEvent& event) {
    history.push_back(event);
    return history;
}

InboundEventEvent parked_event(std::uint32_t attempt, std::optional<Time> retry_at) {
    return InboundEventParked{"stripe", "charge.updated", attempt, "payment_unknown", retry_at};
}

const History received{InboundEventReceived{"stripe", "charge.updated", body, some_time}};
const History parked = received + parked_event(1, later(1));
const History applied = received + InboundEventApplied{"stripe", "charge.updated"};

ReceiveInboundEvent receive() {
    return {"stripe", "charge.updated", body, some_time, true, some_time, false, false};
}

TEST(InboundEvent, IsReceivedOnce) {
    given<InboundEvent>({}).when(receive()).then(received);
    ReceiveInboundEvent again = receive();
    again.body = "other";
    again.signature_valid = false;
    for (const History& history : {received, parked, applied})
        given<InboundEvent>(history).when(again, later(9'999)).then_nothing();
}

TEST(InboundEvent, IsSignedInTimeForUs) {
    const auto refused = [](auto change, Rejection reason) {
        ReceiveInboundEvent command = receive();
        change(command);
        given<InboundEvent>({}).when(command).then_rejected(reason);
    };
    refused([](auto& one) { one.signature_valid = false; }, Rejection::signature_invalid);
    refused([](auto& one) { one.signed_at = Time{later(-5).milliseconds - 1}; },
            Rejection::timestamp_outside);
    refused([](auto& one) { one.signed_at = Time{later(5).milliseconds + 1}; },
            Rejection::timestamp_outside);
    refused([](auto& one) { one.live = true; }, Rejection::mode_mismatch);
    refused([](auto& one) { one.live_expected = true; }, Rejection::mode_mismatch);
    for (const std::optional<Time> good :
         {std::optional{later(-5)}, std::optional{later(5)}, std::optional<Time>{}}) {
        ReceiveInboundEvent command = receive();
        command.signed_at = good;
        // However late the command itself is carried out.
        given<InboundEvent>({}).when(command, later(60)).then(received);
    }
}

TEST(InboundEvent, SaysSomething) {
    const auto refused = [](auto change, Rejection reason) {
        ReceiveInboundEvent command = receive();
        change(command);
        given<InboundEvent>({}).when(command).then_rejected(reason);
    };
    refused([](auto& one) { one.source.clear(); }, Rejection::source_missing);
    refused([](auto& one) { one.kind.clear(); }, Rejection::kind_missing);
    refused([](auto& one) { one.body.clear(); }, Rejection::body_missing);
    refused([](auto& one) { one.body = std::string(inbound_body_max + 1, 'x'); },
            Rejection::body_too_large);
    ReceiveInboundEvent largest = receive();
    largest.body = std::string(inbound_body_max, 'x');
    given<InboundEvent>({}).when(largest).then(
        {InboundEventReceived{"stripe", "charge.updated", largest.body, some_time}});
}

TEST(InboundEventThatWasNeverReceived, RefusesEverythingElse) {
    given<InboundEvent>({}).when(ApplyInboundEvent{}).then_rejected(Rejection::not_found);
    given<InboundEvent>({}).when(ParkInboundEvent{"x", {}}).then_rejected(Rejection::not_found);
}

TEST(InboundEvent, IsApplied) {
    for (const History& history : {received, parked})
        given<InboundEvent>(history)
            .when(ApplyInboundEvent{})
            .then({InboundEventApplied{"stripe", "charge.updated"}});
    given<InboundEvent>(applied).when(ApplyInboundEvent{}).then_nothing();
    given<InboundEvent>(applied).when(ParkInboundEvent{"x", {}}).then_nothing();
    const InboundEvent state =
        given<InboundEvent>(parked + InboundEventApplied{"stripe", "charge.updated"}).state();
    EXPECT_EQ(state.status, InboundEventStatus::applied);
    EXPECT_EQ(state.retry_at, std::nullopt);
}

TEST(InboundEvent, IsParkedAndTriedAgainEverLater) {
    History history = received;
    const std::vector<std::optional<Time>> tries{later(1),   later(10),      later(60),
                                                 later(360), later(24 * 60), std::nullopt};
    for (std::uint32_t attempt = 1; attempt <= tries.size(); ++attempt) {
        const auto expected = parked_event(attempt, tries[attempt - 1]);
        given<InboundEvent>(history)
            .when(ParkInboundEvent{"payment_unknown", attempt})
            .then({expected});
        given<InboundEvent>(history).when(ParkInboundEvent{"payment_unknown", {}}).then({expected});
        history.push_back(expected);
        given<InboundEvent>(history)
            .when(ParkInboundEvent{"payment_unknown", attempt})
            .then_nothing();
    }
    EXPECT_EQ(given<InboundEvent>(history).state().attempts, 6U);
    EXPECT_EQ(given<InboundEvent>(history).state().reason, "payment_unknown");
}

TEST(InboundEvent, IsParkedForAReasonAfterItsNextAttempt) {
    given<InboundEvent>(received).when(ParkInboundEvent{}).then_rejected(Rejection::reason_missing);
    for (const std::uint32_t attempt : {0U, 3U})
        given<InboundEvent>(parked)
            .when(ParkInboundEvent{"x", attempt})
            .then_rejected(Rejection::attempt_unknown);
}

} // namespace

} // namespace domain
