// What has to happen when nothing else does: commands that are due at a later moment. A deadline is
// never taken back. What it asks is judged by the state of the aggregate when it comes, and most
// of them come to nothing.

#pragma once

#include "domain/policies/policy.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace domain {

// How long an order waits for a payer whose card was declined, or has to prove itself.
inline constexpr std::chrono::milliseconds payer_patience = std::chrono::hours{24};
// How long the provider is asked what became of a payment, before it counts as declined. It stays
// the same payment: should it have been taken after all, that is recorded whenever it is heard.
inline constexpr std::chrono::milliseconds unknown_payment_time =
    std::chrono::seconds{5} + std::chrono::minutes{1} + std::chrono::minutes{5} +
    std::chrono::hours{1} + 5 * std::chrono::hours{24};
// When a capture that failed is tried again, after the first, second and third failure.
inline constexpr std::array<std::chrono::milliseconds, 3> capture_retries{
    std::chrono::minutes{5}, std::chrono::hours{1}, std::chrono::hours{8}};
// How long a deployment whose first period cannot be captured is kept, without access.
inline constexpr std::int64_t unpaid_order_days = suspension_days_max;
// How long an attempt on a node, or a name, may take to come up.
inline constexpr std::chrono::milliseconds provisioning_time = attempts_time_max;
// A refund may overtake the number of its invoice; its credit note is then asked for again.
inline constexpr std::chrono::milliseconds credit_note_retry = std::chrono::minutes{10};

struct Deadline {
    std::string_view purpose; // Unique among the deadlines of one event.
    Time due;
    std::string stream;
    PolicyCommand command;
};

std::vector<Deadline> deadlines(const AccountEvent& event, const Cause& cause);
std::vector<Deadline> deadlines(const CardEvent& event, const Cause& cause);
std::vector<Deadline> deadlines(const CustomerCreditEvent& event, const Cause& cause);
std::vector<Deadline> deadlines(const DeploymentEvent& event, const Cause& cause);
std::vector<Deadline> deadlines(const MarketDataEvent& event, const Cause& cause);
std::vector<Deadline> deadlines(const NodeEvent& event, const Cause& cause);
std::vector<Deadline> deadlines(const PaymentEvent& event, const Cause& cause);
std::vector<Deadline> deadlines(const SubscriptionEvent& event, const Cause& cause);

} // namespace domain
