// Takes one call: who asks, which version, which route, was the key seen, what goes wrong; and
// writes the answer as Stripe writes it.

#pragma once

#include "gateways/sandbox/front.hpp"
#include "gateways/sandbox/stripe/idempotency.hpp"
#include "gateways/sandbox/stripe/routes.hpp"

namespace gateways::sandbox::stripe {

struct Keys {
    std::string secret, publishable;
};

// Not thread-safe. An answer's `then` is to be called under the same lock as answer().
class Teller {
public:
    Teller(Keys keys, Faults& faults, Account& account);

    Answer answer(const Call& call);
    // Everything is forgotten; `account` is a new one.
    void reset(Account& account);

private:
    struct Work {
        const Route* route = nullptr;
        std::vector<std::string> ids;
        std::string idempotency_key, fingerprint, request_id;
        Fields parameters;
        bool by_browser = false;
    };

    Work understand(const Call& call) const;
    bool authenticate(const Call& call) const; // True for a browser's key.
    Answer begin(const Work& work);
    Answer run(const Work& work, const std::optional<Fault>& fault);
    Answer execute(const Work& work, const std::optional<Fault>& fault);
    void expect_client_secret(const Work& work, const Parameters& given) const;

    const Keys keys_;
    Faults& faults_;
    Account* account_;
    Idempotency idempotency_;
};

} // namespace gateways::sandbox::stripe
