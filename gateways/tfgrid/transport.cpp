#include "gateways/tfgrid/transport.hpp"

namespace gateways::tfgrid {

namespace {

// The list of all contracts of an account may be long.
constexpr std::size_t grid_body_bytes_max = 64 * 1024 * 1024;

http::ClientOptions patience(std::chrono::milliseconds time_max) {
    http::ClientOptions options;
    options.time_max = time_max;
    options.body_bytes_max = grid_body_bytes_max;
    return options;
}

} // namespace

Sidecar::Sidecar(SidecarOptions options)
    : authorization_{"Bearer " + options.token},
      client_{options.url, patience(options.time_max)},
      patient_client_{options.url, patience(options.cancel_time_max)} {}

GridAnswer Sidecar::send(const GridRequest& request) {
    std::vector<http::Header> headers{{"Authorization", authorization_}};
    if (!request.body.empty()) headers.push_back({"Content-Type", http::json_type});
    http::Client& client = request.verb == http::Verb::delete_ ? patient_client_ : client_;
    auto result = client.send(request.verb, request.path, request.body, headers);
    if (!result) return {false, 0, {}, result.error().reason};
    return {true, result->status, std::move(result->body), {}};
}

} // namespace gateways::tfgrid
