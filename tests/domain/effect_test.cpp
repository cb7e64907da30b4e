#include "domain/effect.hpp"

#include "tests/support/given.hpp"

#include <gtest/gtest.h>

namespace domain {

namespace {

using namespace tests;

const std::string id = "c-1.1/payments/charge";
const ParkEffect park{id, "payments", "payment-1", "payment.requested", "key rejected"};
const EffectParked parked{id, "payments", "payment-1", "payment.requested", "key rejected"};

TEST(Effect, IsConcludedOnce) {
    given<Effect>({}).when(ConcludeEffect{id}).then({EffectConcluded{id}});
    given<Effect>({EffectConcluded{id}}).when(ConcludeEffect{id}).then_nothing();
    given<Effect>({EffectConcluded{id}}).when(park).then_nothing();
}

TEST(Effect, IsParkedRetriedAndParkedAgain) {
    given<Effect>({}).when(park).then({parked});
    given<Effect>({parked}).when(park).then_nothing();
    given<Effect>({parked}).when(RetryEffect{}).then({EffectRetried{id}});
    given<Effect>({parked, EffectRetried{id}}).when(park).then({parked});
    given<Effect>({parked, EffectRetried{id}}).when(ConcludeEffect{id}).then({EffectConcluded{id}});
}

TEST(Effect, IsDroppedForAReason) {
    given<Effect>({parked})
        .when(DropEffect{"paid by hand"})
        .then({EffectDropped{id, "paid by hand"}});
    given<Effect>({parked}).when(DropEffect{}).then_rejected(EffectRejection::reason_missing);
    given<Effect>({parked, EffectDropped{id, "paid by hand"}}).when(park).then_nothing();
}

TEST(Effect, ThatIsNotParkedIsNeitherRetriedNorDropped) {
    for (const std::vector<EffectEvent>& history :
         {std::vector<EffectEvent>{}, {EffectConcluded{id}}, {parked, EffectRetried{id}}}) {
        given<Effect>(history).when(RetryEffect{}).then_rejected(EffectRejection::not_parked);
        given<Effect>(history).when(DropEffect{"x"}).then_rejected(EffectRejection::not_parked);
    }
}

} // namespace

} // namespace domain
