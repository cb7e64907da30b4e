// What is remembered of a request until it is answered.

#pragma once

#include "gateways/http/server.hpp"
#include "gateways/market/desk.hpp"
#include "gateways/market/reads.hpp"

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

namespace gateways::market {

// The strong validator of a resource's version.
std::string etag(std::uint64_t version);

bool is_key(std::string_view key); // 1 to 200 visible characters.
// The key in the header Idempotency-Key, bare or as the string of a structured field ("in
// quotes"), which are the same. Empty when it is neither.
std::string_view key_of(std::string_view header);
bool is_id(std::string_view id); // 1 to 64 letters, digits, underscores and points.

// What a command's answer looks like to a client.
struct CommandAnswer {
    http::Status status = http::Status::ok;
    std::string_view code = {}; // Empty when it was accepted.
    bool retryable = false;
};
CommandAnswer to_client(const projections::Answer& answer, bool creates);

// Waits for answers of the desk; `asker` of a submission points to it. Deletes itself with its
// last answer.
class Question {
public:
    virtual ~Question() = default;
    // Appends to `responses` when it has all it needs.
    virtual void answered(projections::Answer& answer, std::vector<http::Answer>& responses) = 0;
    // The desk has no room: nothing will be answered.
    virtual void too_many(std::vector<http::Answer>&) {}
};

// Tells everybody who asked. For the desk, in any thread. `server` is null where no door is.
void deliver(std::vector<projections::Answer>& answers, http::Server* server);

// This instance has no views.
http::Problem views_elsewhere();
// It is not known in time what is asked for; `detail` says more.
http::Problem view_behind(std::string_view detail);
inline constexpr std::string_view read_again =
    "the view has not come to this position in time, or too many read";

struct ReadQuestion {
    enum class Kind { one, events, list };
    http::Exchange exchange;
    http::Reply reply;
    Reader reader;
    Kind kind = Kind::one;
    std::string stream, if_none_match;
    Reads::ListQuery query;
    std::chrono::steady_clock::time_point from;
};

} // namespace gateways::market
