// A server that behaves like Stripe towards a marketplace: the REST API of one account in test
// mode, at one pinned version, with webhooks. See the README for the control endpoints.

#pragma once

#include "gateways/sandbox/clock.hpp"
#include "gateways/sandbox/faults.hpp"
#include "gateways/sandbox/front.hpp"
#include "gateways/sandbox/stripe/account.hpp"

#include <memory>

namespace gateways::sandbox {

struct StripeOptions {
    FrontOptions front;
    std::string secret_key = "sk_test_sandbox";
    std::string publishable_key = "pk_test_sandbox";
    std::uint64_t seed = 1; // Of the ids.
    stripe::Terms terms;
};

class StripeSandbox {
public:
    // Throws std::exception when the port cannot be had.
    explicit StripeSandbox(StripeOptions options = {});
    ~StripeSandbox();
    StripeSandbox(const StripeSandbox&) = delete;
    StripeSandbox& operator=(const StripeSandbox&) = delete;

    unsigned short port() const; // Also before start().
    void start();                // Once.
    void stop();

    const std::shared_ptr<Clock>& clock() const;
    Faults& faults();

private:
    class Content;
    std::unique_ptr<Content> content_;
};

} // namespace gateways::sandbox
