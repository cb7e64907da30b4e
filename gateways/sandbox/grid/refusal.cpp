#include "gateways/sandbox/grid/refusal.hpp"

#include <algorithm>
#include <array>

namespace gateways::sandbox::grid {

namespace {

struct Code {
    std::string_view name;
    unsigned status;
    bool retryable;
};

constexpr std::array codes{
    Code{"internal", 500, false},
    Code{"invalid_json", 400, false},
    Code{"unauthorized", 401, false},
    Code{"not_found", 404, false},
    Code{"method_not_allowed", 405, false},
    Code{"conflict", 409, false},
    Code{"in_progress", 409, true},
    Code{"body_too_large", 413, false},
    Code{"unsupported_media_type", 415, false},
    Code{"validation", 422, false},
    Code{"busy", 503, true},
    Code{"timeout", 504, true},
    Code{"not_connected", 503, true},
    Code{"account_unknown", 503, false},
    Code{"insufficient_balance", 402, true},
    Code{"kyc_unverified", 403, false},
    Code{"name_taken", 409, false},
    Code{"not_ours", 409, false},
    Code{"contract_in_grace", 409, true},
    Code{"chain_refused", 409, false},
    Code{"chain_unreachable", 503, true},
    Code{"outcome_unknown", 504, true},
    Code{"grid_unavailable", 503, true},
    Code{"node_excluded", 409, false},
    Code{"node_unavailable", 409, false},
    Code{"node_unreachable", 504, true},
    Code{"node_refused", 409, false},
    Code{"no_capacity", 409, false},
    Code{"no_public_ip", 409, false},
    Code{"no_gpu", 409, false},
    Code{"workload_failed", 409, false},
    Code{"deploy_timeout", 504, false},
    Code{"incomplete", 409, false},
    Code{"would_erase_root", 409, false},
};

const Code& find(std::string_view name) {
    const auto found = std::ranges::find(codes, name, &Code::name);
    return found == codes.end() ? codes.front() : *found;
}

} // namespace

bool is_known(std::string_view code) { return find(code).name == code; }

unsigned status_of(std::string_view code) { return find(code).status; }

boost::json::object render(const Refusal& refusal) {
    return {{"code", refusal.code},
            {"message", refusal.message},
            {"retryable", find(refusal.code).retryable}};
}

} // namespace gateways::sandbox::grid
