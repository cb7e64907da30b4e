// Carries requests to Stripe and answers back; knows nothing of what they mean. It never repeats a
// request: that is decided by conclude().

#pragma once

#include "gateways/http/client.hpp"
#include "gateways/stripe/translate.hpp"

#include <filesystem>

namespace gateways::stripe {

struct TransportOptions {
    std::string origin = "https://api.stripe.com"; // http:// only to this machine.
    std::filesystem::path key_file;                // Holds the secret key, and maybe a line's end.
    std::filesystem::path tls_authorities = {};    // Empty: whom the system trusts.
    milliseconds time_max{80'000};                 // As Stripe's own clients wait.
};

// Thread-safe. Calls for one object should not be made at once: Stripe locks it.
class Transport {
public:
    // Throws std::exception when there is no usable key or origin.
    explicit Transport(const TransportOptions& options);

    Answer send(const StripeRequest& request);

private:
    std::string authorization_;
    http::Client client_;
};

} // namespace gateways::stripe
