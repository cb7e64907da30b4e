// All servers of one sandbox, on one clock, and how others find them.

#pragma once

#include "gateways/sandbox/clock.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace gateways::sandbox {

// Where the servers are and what they want to be shown.
struct Directory {
    std::string stripe, grid, grid_proxy; // Origins, "http://127.0.0.1:PORT".
    std::string stripe_key = "sk_test_sandbox";
    std::string webhook_secret = "whsec_sandbox"; // What a receiver's webhooks are signed with.
    std::string grid_token = "sandbox";
    std::string gateway_domain;

    // As JSON. read() throws std::runtime_error that names the file.
    std::string text() const;
    static Directory read(const std::filesystem::path& file);
};

struct ServersOptions {
    std::string address = "127.0.0.1";
    unsigned short first_port = 0; // Stripe's; the grid's and the proxy's follow. 0: free ones.
    // Of the proxy's catalogue. 0: empty until it is told what there is, because invented nodes
    // would contradict those that a story posts.
    unsigned nodes = 0;
};

class Servers {
public:
    explicit Servers(const ServersOptions& options = {});
    ~Servers();
    // Throws std::exception when a port is taken.
    void start();
    void stop();

    const std::shared_ptr<Clock>& clock() const;
    // After start().
    const Directory& directory() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

// A clock that goes as a sandbox's in another process does, some milliseconds behind it when that
// one jumps. Goes on by itself while the other is away.
class ClockFollower {
public:
    // Asks once, so that the time is right from the beginning. Throws std::runtime_error.
    explicit ClockFollower(const std::string& origin);
    ~ClockFollower();
    const std::shared_ptr<Clock>& clock() const { return clock_; }

private:
    struct Thread;
    std::shared_ptr<Clock> clock_;
    std::unique_ptr<Thread> thread_;
};

} // namespace gateways::sandbox
