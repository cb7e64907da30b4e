// What goes wrong at a provider, when a test wants it to: by a script ("the next two captures are
// declined") or by a seed ("two in a hundred answers get lost").

#pragma once

#include <boost/json/object.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gateways::sandbox {

enum class FaultKind {
    decline,       // The card's bank says no, as it would by itself.
    error,         // An error answer instead of the effect: 500, or the status that is given.
    error_after,   // The effect, and yet an error answer.
    rate_limit,    // 429, with Retry-After, before anything else is looked at.
    conflict,      // 409: somebody else is at it.
    delay,         // The effect happens, and is answered, only after `delay`.
    timeout_after, // The effect happens at once, its answer comes only after `delay`.
    cut_before,    // The connection ends, and nothing has happened.
    cut_after,     // The connection ends after the effect.
    duplicate,     // Of a delivery: it is made twice.
    reorder,       // Of a delivery: others overtake it.
    lose,          // Of a delivery: it never arrives.
};

// Fields that are empty or zero take what is usual for the kind.
struct Fault {
    FaultKind kind = FaultKind::error;
    unsigned status = 0;
    std::string type, code, decline_code, message;
    std::chrono::milliseconds delay{0};
    std::chrono::seconds retry_after{0};
};

// A request that cannot be understood; for the one who posted it.
struct BadScript {
    std::string reason;
};

// Throws BadScript for what is none.
const boost::json::object& as_object(const boost::json::value& value);

// Thread-safe.
class Faults {
public:
    // The fault that meets the next call of `operation`, if one is due. Only kinds in `possible`
    // count; the others wait for an operation that knows them.
    std::optional<Fault> next(std::string_view operation, std::span<const FaultKind> possible);

    // {"script": [...], "seeded": {...}}: the script is added to the end, the seeded faults take
    // the place of those before. Throws BadScript, and changes nothing.
    void add(const boost::json::object& request);
    void clear();
    // What waits, and how often each kind has happened.
    boost::json::object describe() const;

private:
    struct Scripted {
        std::string operation; // A name, a beginning and "*", or "*" alone.
        Fault fault;
        unsigned skip = 0;  // Calls that go well first.
        unsigned times = 1; // Calls that it meets.
    };
    struct Rule {
        std::string operation;
        Fault fault;
        unsigned per_mille = 0;
    };

    static Fault read_fault(const boost::json::object& given);
    static bool names(std::string_view pattern, std::string_view operation);

    mutable std::mutex mutex_;
    std::vector<Scripted> script_;
    std::vector<Rule> rules_;
    std::uint64_t seed_ = 0;
    std::map<std::string, std::uint64_t, std::less<>> calls_; // By operation, while rules are set.
    std::map<FaultKind, std::uint64_t> happened_;
};

std::string_view name_of(FaultKind kind);

} // namespace gateways::sandbox
