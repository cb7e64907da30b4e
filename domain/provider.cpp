#include "domain/provider.hpp"

#include <algorithm>
#include <utility>

namespace domain {

namespace {

using Events = std::vector<ProviderEvent>;
using Rejection = ProviderRejection;
using Status = ProviderStatus;

// An initializer list would copy the event.
template <class Event>
ProviderDecision decided(Event&& event) {
    Events events;
    events.emplace_back(std::forward<Event>(event));
    return events;
}

ProviderDecision nothing() { return Events{}; }

Time after(Time now, std::chrono::milliseconds wait) { return {now.milliseconds + wait.count()}; }

const ProviderFarm* find(const Provider& provider, const FarmId& farm) {
    const auto place = std::ranges::find(provider.farms, farm, &ProviderFarm::farm);
    return place == provider.farms.end() ? nullptr : &*place;
}

ProviderDecision handle(const Provider& provider, const RegisterProvider& command, Time) {
    if (exists(provider)) return Rejection::already_provider;
    if (command.account.value.empty()) return Rejection::account_missing;
    if (!command.role_held) return Rejection::role_missing;
    return decided(ProviderRegistered{command.account});
}

// Who they are.

ProviderDecision handle(const Provider& provider, const SubmitProviderKyc& command, Time) {
    if (provider.status == Status::declined) return Rejection::provider_declined;
    if (provider.kyc == KycStatus::passed) return Rejection::kyc_already_passed;
    if (provider.kyc == KycStatus::pending) return Rejection::kyc_pending;
    if (command.documents.empty()) return Rejection::documents_missing;
    return decided(ProviderKycSubmitted{provider.kyc_case + 1, command.documents});
}

ProviderDecision handle(const Provider& provider, const RecordKycResult& command, Time) {
    if (command.number == 0 || command.number > provider.kyc_case) return Rejection::case_unknown;
    // Only a failed case is followed by another.
    const KycStatus was = command.number < provider.kyc_case ? KycStatus::failed : provider.kyc;
    if (was != KycStatus::pending) {
        if ((was == KycStatus::passed) == command.passed) return nothing();
        return Rejection::outcome_older_than_state;
    }
    if (command.passed) return decided(ProviderKycPassed{command.number});
    return decided(ProviderKycFailed{command.number, command.reason});
}

// Their farms.

ProviderDecision handle(const Provider& provider, const ClaimFarm& command, Time now) {
    if (command.farm.value.empty()) return Rejection::farm_missing;
    if (command.nonce.empty()) return Rejection::nonce_missing;
    if (command.claimed_by_other) return Rejection::farm_claimed_by_other;
    if (has_proved(provider, command.farm)) return Rejection::farm_already_proved;
    const ProviderFarm* farm = find(provider, command.farm);
    if (farm == nullptr && provider.farms.size() >= farms_max) return Rejection::too_many_farms;
    if (farm != nullptr && farm->nonce == command.nonce) return nothing();
    return decided(FarmClaimed{command.farm, command.nonce, after(now, farm_nonce_life)});
}

ProviderDecision handle(const Provider& provider, const ProveFarm& command, Time now) {
    const ProviderFarm* farm = find(provider, command.farm);
    if (farm == nullptr) return Rejection::farm_not_claimed;
    if (command.claimed_by_other) return Rejection::farm_claimed_by_other;
    if (command.twin.empty()) return Rejection::twin_missing;
    if (farm->twin == command.twin) return nothing();
    if (farm->twin) return Rejection::farm_already_proved;
    if (farm->nonce != command.nonce || now >= farm->nonce_expires) return Rejection::nonce_expired;
    if (!command.signature_valid)
        return decided(FarmProofRejected{command.farm, "signature_invalid"});
    return decided(FarmProved{command.farm, command.twin, provider.account});
}

ProviderDecision handle(const Provider& provider, const RecordFarmOwner& command, Time) {
    if (command.twin.empty()) return Rejection::twin_missing;
    const ProviderFarm* farm = find(provider, command.farm);
    if (farm == nullptr || !farm->twin || *farm->twin == command.twin) return nothing();
    return decided(FarmProofExpired{command.farm, command.twin, command.nodes});
}

// What the operators decide.

ProviderDecision handle(const Provider& provider, const ApproveProvider&, Time) {
    if (provider.status == Status::declined) return Rejection::provider_declined;
    if (provider.status == Status::approved || provider.status == Status::suspended)
        return nothing();
    if (provider.kyc != KycStatus::passed) return Rejection::kyc_missing;
    return decided(ProviderApproved{provider.account});
}

ProviderDecision handle(const Provider& provider, const DeclineProvider& command, Time) {
    if (command.reason.empty()) return Rejection::reason_missing;
    if (provider.status == Status::declined) return nothing();
    if (provider.status == Status::approved || provider.status == Status::suspended)
        return Rejection::already_approved;
    return decided(ProviderDeclined{provider.account, command.reason});
}

ProviderDecision handle(const Provider& provider, const SuspendProvider& command, Time) {
    if (command.reason.empty()) return Rejection::reason_missing;
    if (provider.status == Status::suspended) return nothing();
    if (provider.status != Status::approved) return Rejection::not_approved;
    return decided(ProviderSuspended{provider.account, command.reason, command.nodes});
}

ProviderDecision handle(const Provider& provider, const ReinstateProvider& command, Time) {
    if (command.reason.empty()) return Rejection::reason_missing;
    if (provider.status == Status::approved) return nothing();
    if (provider.status != Status::suspended) return Rejection::not_approved;
    return decided(ProviderReinstated{provider.account, command.reason});
}

// Their money, and the end.

ProviderDecision handle(const Provider& provider, const SetPayoutDestination& command, Time now) {
    if (!is_valid(command.destination)) return Rejection::destination_invalid;
    if (provider.payout_destination == command.destination) return nothing();
    return decided(PayoutDestinationSet{provider.account, command.destination,
                                        after(now, payout_destination_wait)});
}

ProviderDecision handle(const Provider& provider, const ExitProvider& command, Time) {
    if (command.serving_nodes > 0) return Rejection::nodes_still_serving;
    if (std::ranges::any_of(command.balances, [](const Money& one) { return one.minor != 0; }))
        return Rejection::balance_unsettled;
    return decided(ProviderExited{provider.account});
}

// The fold.

ProviderFarm& farm_of(Provider& provider, const FarmId& farm) {
    const auto place = std::ranges::find(provider.farms, farm, &ProviderFarm::farm);
    if (place != provider.farms.end()) return *place;
    return provider.farms.emplace_back(ProviderFarm{farm, {}, {}, {}});
}

void apply(Provider& provider, const ProviderRegistered& event) {
    provider.status = Status::registered;
    provider.account = event.account;
}

void apply(Provider& provider, const ProviderKycSubmitted& event) {
    provider.kyc_case = event.number;
    provider.kyc = KycStatus::pending;
    provider.status = Status::under_review;
    provider.reason.reset();
}

void apply(Provider& provider, const ProviderKycPassed&) { provider.kyc = KycStatus::passed; }

void apply(Provider& provider, const ProviderKycFailed& event) {
    provider.kyc = KycStatus::failed;
    provider.reason = event.reason;
}

void apply(Provider& provider, const FarmClaimed& event) {
    ProviderFarm& farm = farm_of(provider, event.farm);
    farm.nonce = event.nonce;
    farm.nonce_expires = event.nonce_expires;
}

void apply(Provider& provider, const FarmProved& event) {
    ProviderFarm& farm = farm_of(provider, event.farm);
    farm.nonce.reset();
    farm.twin = event.twin;
}

void apply(Provider& provider, const FarmProofRejected& event) {
    farm_of(provider, event.farm).nonce.reset();
}

void apply(Provider& provider, const FarmProofExpired& event) {
    farm_of(provider, event.farm).twin.reset();
}

void apply(Provider& provider, const ProviderApproved&) {
    provider.status = Status::approved;
    provider.reason.reset();
}

void apply(Provider& provider, const ProviderDeclined& event) {
    provider.status = Status::declined;
    provider.reason = event.reason;
}

void apply(Provider& provider, const PayoutDestinationSet& event) {
    provider.payout_destination = event.destination;
    provider.payout_usable_from = event.usable_from;
}

void apply(Provider& provider, const ProviderSuspended& event) {
    provider.status = Status::suspended;
    provider.reason = event.reason;
}

void apply(Provider& provider, const ProviderReinstated&) {
    provider.status = Status::approved;
    provider.reason.reset();
}

void apply(Provider& provider, const ProviderExited&) { provider.status = Status::exited; }

} // namespace

bool has_proved(const Provider& provider, const FarmId& farm) {
    const ProviderFarm* found = find(provider, farm);
    return found != nullptr && found->twin.has_value();
}

std::optional<PayoutDestination> payable_destination(const Provider& provider, Time now) {
    if (!provider.payout_destination || now < provider.payout_usable_from) return std::nullopt;
    return provider.payout_destination;
}

ProviderDecision decide(const Provider& provider, const ProviderCommand& command, Time now) {
    if (!exists(provider) && !std::holds_alternative<RegisterProvider>(command))
        return Rejection::not_found;
    if (provider.status == Status::exited) {
        if (std::holds_alternative<RegisterProvider>(command)) return Rejection::already_provider;
        // Leaving again, and the chain's news of farms that were theirs, change nothing.
        if (std::holds_alternative<ExitProvider>(command) ||
            std::holds_alternative<RecordFarmOwner>(command))
            return nothing();
        return Rejection::provider_exited;
    }
    return std::visit([&](const auto& one) { return handle(provider, one, now); }, command);
}

Provider evolve(Provider provider, const ProviderEvent& event) {
    std::visit([&](const auto& one) { apply(provider, one); }, event);
    return provider;
}

} // namespace domain
