// To the sidecar and back.

#pragma once

#include "gateways/http/client.hpp"
#include "gateways/tfgrid/translate.hpp"

namespace gateways::tfgrid {

// Thread-safe; waits.
class SidecarDoor {
public:
    virtual GridAnswer send(const GridRequest& request) = 0;

protected:
    ~SidecarDoor() = default;
};

struct SidecarOptions {
    std::string url = "http://127.0.0.1:8090";
    std::string token;
    // A little more than the sidecar takes for itself, so that it is the one that says "timeout".
    std::chrono::milliseconds time_max{65'000}, cancel_time_max{305'000};
};

class Sidecar final : public SidecarDoor {
public:
    // Throws std::invalid_argument when the address is none.
    explicit Sidecar(SidecarOptions options);

    GridAnswer send(const GridRequest& request) override;

private:
    const std::string authorization_;
    http::Client client_, patient_client_;
};

} // namespace gateways::tfgrid
