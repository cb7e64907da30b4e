// What the sandbox's servers have in common: a port, the control endpoints for clock and faults,
// and answers that come late or not at all.

#pragma once

#include "gateways/http/server.hpp"
#include "gateways/sandbox/clock.hpp"
#include "gateways/sandbox/faults.hpp"
#include "gateways/sandbox/later.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gateways::sandbox {

using Fields = std::vector<std::pair<std::string, std::string>>;

// A request that keeps what it says.
struct Call {
    http::Verb verb = http::Verb::unknown;
    std::string path, query, body;
    std::string request_id;
    Fields headers;

    // Empty when there is none.
    std::string_view header(std::string_view name) const;
};

struct Answer {
    unsigned status = 200;
    std::string body;
    Fields headers;
    // The connection ends instead.
    bool cut = false;
    // It is held back for so long; `then`, if there is one, makes it only afterwards.
    std::chrono::milliseconds hold{0};
    std::function<Answer()> then;
};

Answer json_answer(unsigned status, const boost::json::value& body);
// {"error": {"message": ...}}
Answer refused(unsigned status, std::string_view message);

// A server's own part. Called on several threads.
class Protocol {
public:
    virtual Answer answer(const Call& call) = 0;
    // For a path that begins with /sandbox/ and is not the front's. Nothing: there is none such.
    virtual std::optional<Answer> control(const Call& call) = 0;
    // Time has moved; does what is due.
    virtual void settle() = 0;

protected:
    ~Protocol() = default;
};

struct FrontOptions {
    std::string address = "127.0.0.1";
    unsigned short port = 0; // 0: any that is free.
    unsigned threads = 1;
    std::shared_ptr<Clock> clock; // Empty: one of its own, running by the wall's time.
};

class Front final : public http::Handler {
public:
    Front(const FrontOptions& options, Protocol& protocol);
    ~Front();

    void start();
    void stop();
    unsigned short port() const { return server_.port(); }
    Clock& clock() { return *clock_; }
    const std::shared_ptr<Clock>& shared_clock() const { return clock_; }
    Faults& faults() { return faults_; }

    void handle(const http::Request& request, http::Exchange exchange,
                std::string& answer) override;

private:
    // How often a running clock is looked at.
    static constexpr std::chrono::milliseconds settle_every{50};

    // Ends the connection: what a handler throws does, and nothing else of the server's.
    struct Cut {};

    Answer control(const Call& call);
    Answer control_clock(const Call& call);
    Answer control_faults(const Call& call);
    void settle_again();
    void hold(http::Exchange exchange, const http::Reply& reply, Answer answer);

    std::shared_ptr<Clock> clock_;
    Faults faults_;
    Protocol& protocol_;
    Later later_;
    http::Server server_;
    unsigned listener_ = 0;
    bool running_ = false;
};

} // namespace gateways::sandbox
