// A provider: whose farms' nodes serve the marketplace, and where their earnings go.
//
//     registered --> under_review --> approved <--> suspended --> exited
//                         \--> declined
//
// Who the provider is, and which farms are theirs, is proved apart: documents by a KYC service,
// a farm by the signature of its twin over a nonce of ours. The door checks signatures; which
// nonce is good, and how long, is decided here.

#pragma once

#include "domain/provider_messages.hpp"
#include "domain/result.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace domain {

inline constexpr std::size_t farms_max = 100;
inline constexpr std::chrono::milliseconds farm_nonce_life = std::chrono::minutes{15};
// Whoever stole a login must not be able to take the earnings before its owner notices.
inline constexpr std::chrono::milliseconds payout_destination_wait = std::chrono::hours{72};

// `none`: never registered.
enum class ProviderStatus { none, registered, under_review, approved, suspended, declined, exited };
BOOST_DESCRIBE_ENUM(ProviderStatus, none, registered, under_review, approved, suspended, declined,
                    exited)

enum class KycStatus { none, pending, passed, failed };
BOOST_DESCRIBE_ENUM(KycStatus, none, pending, passed, failed)

struct ProviderFarm {
    FarmId farm;
    std::optional<std::string> nonce; // Given out and not yet tried.
    Time nonce_expires;
    std::optional<std::string> twin; // Who proved it; absent: claimed only.
};
BOOST_DESCRIBE_STRUCT(ProviderFarm, (), (farm, nonce, nonce_expires, twin))

struct Provider {
    static constexpr std::string_view name = "provider";
    using Command = ProviderCommand;
    using Event = ProviderEvent;
    using Rejection = ProviderRejection;

    ProviderStatus status = ProviderStatus::none;
    AccountId account;
    std::uint32_t kyc_case = 0; // The latest.
    KycStatus kyc = KycStatus::none;
    std::optional<std::string> reason; // Why KYC failed, or it was declined or suspended.
    std::vector<ProviderFarm> farms;   // In the order they were claimed.
    std::optional<PayoutDestination> payout_destination;
    Time payout_usable_from;
};
BOOST_DESCRIBE_STRUCT(Provider, (),
                      (status, account, kyc_case, kyc, reason, farms, payout_destination,
                       payout_usable_from))

inline bool exists(const Provider& provider) { return provider.status != ProviderStatus::none; }
bool has_proved(const Provider& provider, const FarmId& farm);

// Where money may be sent at this moment; nothing while the destination is too new.
std::optional<PayoutDestination> payable_destination(const Provider& provider, Time now);

// No events: accepted, and nothing changes.
using ProviderDecision = Result<std::vector<ProviderEvent>, ProviderRejection>;

ProviderDecision decide(const Provider& provider, const ProviderCommand& command, Time now);
Provider evolve(Provider provider, const ProviderEvent& event);

// Whose it is.
inline std::string_view owner(const Provider& provider) { return provider.account.value; }

} // namespace domain
