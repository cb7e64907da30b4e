// What can be asked of a provider, what can happen to it, and why it is refused. Stored names are
// never renamed or reused; a new field is optional.

#pragma once

#include "domain/described.hpp"
#include "domain/id.hpp"
#include "domain/money.hpp"
#include "domain/payout_destination.hpp"
#include "domain/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace domain {

// Commands. What other aggregates or the chain know is filled in by the door.

struct RegisterProvider {
    static constexpr std::string_view type = "provider.register";
    AccountId account;
    bool role_held = false; // The account is a cloud provider's.
};
BOOST_DESCRIBE_STRUCT(RegisterProvider, (), (account, role_held))

struct SubmitProviderKyc {
    static constexpr std::string_view type = "provider.submit_kyc";
    std::string documents; // Where they are kept: they are personal, and never in the log.
};
BOOST_DESCRIBE_STRUCT(SubmitProviderKyc, (), (documents))

struct RecordKycResult {
    static constexpr std::string_view type = "provider.record_kyc_result";
    std::uint32_t number = 0; // Of ProviderKycSubmitted.
    bool passed = false;
    std::optional<std::string> reason; // Why it failed, in a code.
};
BOOST_DESCRIBE_STRUCT(RecordKycResult, (), (number, passed, reason))

struct ClaimFarm {
    static constexpr std::string_view type = "provider.claim_farm";
    FarmId farm;
    std::string nonce;             // Drawn at the door: what the farm's twin has to sign.
    bool claimed_by_other = false; // Another provider has proved it.
};
BOOST_DESCRIBE_STRUCT(ClaimFarm, (), (farm, nonce, claimed_by_other))

struct ProveFarm {
    static constexpr std::string_view type = "provider.prove_farm";
    FarmId farm;
    std::string nonce;            // That was signed.
    std::string twin;             // Which the chain names as the farm's owner.
    bool signature_valid = false; // Checked at the door with that twin's key.
    bool claimed_by_other = false;
};
BOOST_DESCRIBE_STRUCT(ProveFarm, (), (farm, nonce, twin, signature_valid, claimed_by_other))

// What the chain says of a farm's owner now.
struct RecordFarmOwner {
    static constexpr std::string_view type = "provider.record_farm_owner";
    FarmId farm;
    std::string twin;
    std::vector<NodeId> nodes; // Of the farm, as listed here.
};
BOOST_DESCRIBE_STRUCT(RecordFarmOwner, (), (farm, twin, nodes))

struct ApproveProvider {
    static constexpr std::string_view type = "provider.approve";
};
BOOST_DESCRIBE_STRUCT(ApproveProvider, (), ())

struct DeclineProvider {
    static constexpr std::string_view type = "provider.decline";
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(DeclineProvider, (), (reason))

struct SetPayoutDestination {
    static constexpr std::string_view type = "provider.set_payout_destination";
    PayoutDestination destination;
};
BOOST_DESCRIBE_STRUCT(SetPayoutDestination, (), (destination))

struct SuspendProvider {
    static constexpr std::string_view type = "provider.suspend";
    std::string reason;
    std::vector<NodeId> nodes; // All of the provider's.
};
BOOST_DESCRIBE_STRUCT(SuspendProvider, (), (reason, nodes))

struct ReinstateProvider {
    static constexpr std::string_view type = "provider.reinstate";
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(ReinstateProvider, (), (reason))

struct ExitProvider {
    static constexpr std::string_view type = "provider.exit";
    std::uint32_t serving_nodes = 0; // With workloads.
    std::vector<Money> balances;     // Owed to the provider, or by it; one per currency.
};
BOOST_DESCRIBE_STRUCT(ExitProvider, (), (serving_nodes, balances))

using ProviderCommand =
    std::variant<RegisterProvider, SubmitProviderKyc, RecordKycResult, ClaimFarm, ProveFarm,
                 RecordFarmOwner, ApproveProvider, DeclineProvider, SetPayoutDestination,
                 SuspendProvider, ReinstateProvider, ExitProvider>;

// Events.

struct ProviderRegistered {
    static constexpr std::string_view type = "provider.registered";
    AccountId account;
};
BOOST_DESCRIBE_STRUCT(ProviderRegistered, (), (account))

// Asks to have the documents checked.
struct ProviderKycSubmitted {
    static constexpr std::string_view type = "provider.kyc_submitted";
    std::uint32_t number = 0; // 1, 2, 3 ...: a failed one may be followed by another.
    std::string documents;
};
BOOST_DESCRIBE_STRUCT(ProviderKycSubmitted, (), (number, documents))

struct ProviderKycPassed {
    static constexpr std::string_view type = "provider.kyc_passed";
    std::uint32_t number = 0;
};
BOOST_DESCRIBE_STRUCT(ProviderKycPassed, (), (number))

struct ProviderKycFailed {
    static constexpr std::string_view type = "provider.kyc_failed";
    std::uint32_t number = 0;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(ProviderKycFailed, (), (number, reason))

// The provider has until then to sign the nonce with the key of the farm's twin.
struct FarmClaimed {
    static constexpr std::string_view type = "provider.farm_claimed";
    FarmId farm;
    std::string nonce;
    Time nonce_expires;
};
BOOST_DESCRIBE_STRUCT(FarmClaimed, (), (farm, nonce, nonce_expires))

struct FarmProved {
    static constexpr std::string_view type = "provider.farm_proved";
    FarmId farm;
    std::string twin;
    AccountId account;
};
BOOST_DESCRIBE_STRUCT(FarmProved, (), (farm, twin, account))

// A nonce is for one try.
struct FarmProofRejected {
    static constexpr std::string_view type = "provider.farm_proof_rejected";
    FarmId farm;
    std::string reason; // "signature_invalid".
};
BOOST_DESCRIBE_STRUCT(FarmProofRejected, (), (farm, reason))

// The farm has another owner on the chain.
struct FarmProofExpired {
    static constexpr std::string_view type = "provider.farm_proof_expired";
    FarmId farm;
    std::string twin; // Which owns it now.
    std::vector<NodeId> nodes;
};
BOOST_DESCRIBE_STRUCT(FarmProofExpired, (), (farm, twin, nodes))

struct ProviderApproved {
    static constexpr std::string_view type = "provider.approved";
    AccountId account;
};
BOOST_DESCRIBE_STRUCT(ProviderApproved, (), (account))

struct ProviderDeclined {
    static constexpr std::string_view type = "provider.declined";
    AccountId account;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(ProviderDeclined, (), (account, reason))

struct PayoutDestinationSet {
    static constexpr std::string_view type = "provider.payout_destination_set";
    AccountId account; // Who is told: it may not have been them.
    PayoutDestination destination;
    Time usable_from;
};
BOOST_DESCRIBE_STRUCT(PayoutDestinationSet, (), (account, destination, usable_from))

struct ProviderSuspended {
    static constexpr std::string_view type = "provider.suspended";
    AccountId account;
    std::string reason;
    std::vector<NodeId> nodes; // Which are to be hidden.
};
BOOST_DESCRIBE_STRUCT(ProviderSuspended, (), (account, reason, nodes))

struct ProviderReinstated {
    static constexpr std::string_view type = "provider.reinstated";
    AccountId account;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(ProviderReinstated, (), (account, reason))

struct ProviderExited {
    static constexpr std::string_view type = "provider.exited";
    AccountId account;
};
BOOST_DESCRIBE_STRUCT(ProviderExited, (), (account))

using ProviderEvent =
    std::variant<ProviderRegistered, ProviderKycSubmitted, ProviderKycPassed, ProviderKycFailed,
                 FarmClaimed, FarmProved, FarmProofRejected, FarmProofExpired, ProviderApproved,
                 ProviderDeclined, PayoutDestinationSet, ProviderSuspended, ProviderReinstated,
                 ProviderExited>;

// Clients see the name. Each says what would have to be otherwise.
enum class ProviderRejection {
    not_found, // Never registered.
    already_provider,
    account_missing,
    role_missing,
    documents_missing,
    kyc_already_passed,
    kyc_pending,
    kyc_missing,
    case_unknown,
    outcome_older_than_state,
    farm_missing,
    farm_claimed_by_other,
    farm_already_proved,
    farm_not_claimed,
    too_many_farms,
    nonce_missing,
    nonce_expired, // Too late, used already, or another one than was given out.
    twin_missing,
    reason_missing,
    destination_invalid,
    not_approved,
    already_approved, // It can be suspended, no more declined.
    provider_declined,
    provider_exited,
    nodes_still_serving,
    balance_unsettled,
};
BOOST_DESCRIBE_ENUM(ProviderRejection, not_found, already_provider, account_missing, role_missing,
                    documents_missing, kyc_already_passed, kyc_pending, kyc_missing, case_unknown,
                    outcome_older_than_state, farm_missing, farm_claimed_by_other,
                    farm_already_proved, farm_not_claimed, too_many_farms, nonce_missing,
                    nonce_expired, twin_missing, reason_missing, destination_invalid, not_approved,
                    already_approved, provider_declined, provider_exited, nodes_still_serving,
                    balance_unsettled)

} // namespace domain
