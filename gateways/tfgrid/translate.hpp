// From effects to requests of the sidecar, and from its answers to conclusions. Pure: no socket, no
// clock, no memory but the progress that is handed in.
//
//     verdict = begin(effect, progress, terms, standing);
//     while (verdict is Ask) verdict = conclude(effect, progress, sent(ask), terms, standing);
//
// Again means to begin once more, later. Everything begins with a look at what is there, so an
// answer that was lost costs a question and nothing else.

#pragma once

#include "gateways/http/request.hpp"
#include "gateways/tfgrid/effects.hpp"
#include "projections/worker.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace gateways::tfgrid {

using std::chrono::milliseconds;
using Commands = std::vector<projections::PostedCommand>;

struct GridRequest {
    http::Verb verb = http::Verb::get;
    std::string path;
    std::string body; // JSON; empty: none.

    friend bool operator==(const GridRequest&, const GridRequest&) = default;
};

struct GridAnswer {
    bool answered = false; // Else there was none, and nobody knows what happened.
    unsigned status = 0;
    std::string body;
    std::string reason; // Of no answer.
};

// How this marketplace uses the grid.
struct Terms {
    std::string gateway_domain; // Of web names, as "gent01.grid.tf"; empty: not known beforehand.
    std::string secret;         // Tokens of clusters are derived from it.
};

struct Standing {
    std::uint32_t tries = 0; // Before this one, since it was opened or retried.
    milliseconds age{0};     // Since it was asked for.
};

enum class Stage { looking, listing, asking, following };

// What is known of an effect that is not done yet. Kept from one try to the next as well as
// possible; when it is lost, something may be done twice that does no harm twice.
struct Progress {
    Stage stage = Stage::looking;
    std::string job;
    std::optional<std::int64_t> contract; // The one that counts, once it is known.
    bool made_here = false; // The name was not there before we asked, so what is there is ours.
    bool told = false;      // The deployment has been told of the contract.
    std::uint32_t unreachable = 0; // How often the node did not answer.
    std::size_t workload = 0;      // Of those that are restarted or resized.
    std::optional<std::int64_t> version;
    std::vector<std::string> names; // That are still to be looked at.
    bool unreadable_name = false;   // One of them could not be.
};

struct Ask {
    GridRequest request;
    bool poll = false; // After a pause.
};
struct Conclude {
    Commands commands;
};
struct Again {
    std::string reason;
    std::optional<milliseconds> wait = {};
};
struct Park {
    std::string reason;
};
using Verdict = std::variant<Ask, Conclude, Again, Park>;

// How often a node may not answer before the attempt on it has failed.
inline constexpr std::uint32_t unreachable_max = 3;
// How long an empty wallet is waited for, before an operator has to see it.
inline constexpr milliseconds wallet_patience = std::chrono::hours{1};

Verdict begin(const Effect& effect, Progress& progress, const Terms& terms,
              const Standing& standing);
Verdict conclude(const Effect& effect, Progress& progress, const GridAnswer& answer,
                 const Terms& terms, const Standing& standing);

// What a deployment may be told before the end: the contract. None when there is nothing new.
Commands news(const Effect& effect, Progress& progress);

} // namespace gateways::tfgrid
