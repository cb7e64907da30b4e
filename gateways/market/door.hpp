// The marketplace over HTTP: who may ask, what the path means, and what an answer looks like.
// Commands go to the desk, reads to the views.

#pragma once

#include "gateways/http/server.hpp"
#include "gateways/market/command_routes.hpp"
#include "gateways/market/desk.hpp"
#include "gateways/market/event_feed.hpp"
#include "gateways/market/orders.hpp"
#include "gateways/market/questions.hpp"
#include "gateways/market/read_routes.hpp"
#include "gateways/metrics/metrics.hpp"
#include "gateways/token/verifier.hpp"

#include <functional>
#include <string>
#include <vector>

namespace gateways::market {

inline constexpr std::string_view stripe_webhook_path = "/v1/webhooks/stripe";

// What the providers tell by themselves, signed with a secret instead of carrying a token.
struct WebhookOptions {
    std::vector<std::string> stripe_secrets; // Any of them will do; none: there is no such route.
    std::string tenant;                      // Whose the messages are.
    bool live = false;                       // About real money.
};

struct DoorOptions {
    std::int64_t second_factor_milliseconds = 15 * 60 * 1000;
    std::size_t batch_commands_max = 1000;
    // The time of commands; absent: the wall clock.
    std::function<std::int64_t()> milliseconds_now = {};
    WebhookOptions webhooks = {};
};

// Of messages that came in by themselves.
struct WebhookMeter {
    std::atomic<std::uint64_t> received{0}, repeated{0}, refused{0}, unavailable{0};
    std::atomic<std::uint64_t> other_version{0}; // Not in the form that was asked for.
};

// What the door counts. Thread-safe.
struct DoorMeter {
    WebhookMeter webhooks;
    metrics::Durations commands, batches, reads;
    std::array<std::atomic<std::uint64_t>, 6> by_status{}; // 1xx to 5xx, at the first digit.
};

class Door final : public http::Handler {
public:
    struct Health {
        // Empty when ready, else why not, a line a reason.
        std::function<std::string()> not_ready;
        std::function<std::string()> metrics;
    };

    // `reads` and `orders` are null where no views are.
    Door(DoorOptions options, const projections::Registry& registry, Desk& desk, Reads* reads,
         Orders* orders, token::Verifier& verifier, Health health);

    // Before the first request.
    void connect(http::Server& server) { server_ = &server; }
    // Where views are. Both outlive the door.
    void show(const ReadSources& sources, EventFeed& feed) {
        sources_ = &sources;
        feed_ = &feed;
    }

    void handle(const http::Request& request, http::Exchange exchange,
                std::string& answer) override;
    void handled() override;
    void written(http::Exchange exchange) override;
    void gone(http::Exchange exchange) override;

    const DoorMeter& meter() const { return meter_; }

private:
    struct SingleQuestion;
    struct OrderQuestion;
    struct BatchQuestion;
    struct WebhookQuestion;

    // One command as it came, alone or in a batch.
    struct Item {
        std::string_view key, type, id;
        const CommandRoute* route = nullptr;
    };
    // Why it is not one. No code: it is.
    struct ItemProblem {
        http::Status status{};
        std::string_view code;
        std::string where, detail;
    };

    void plain(const http::Request& request, std::string& answer);
    void get(const http::Request& request, http::Exchange exchange,
             const token::Principal& principal, std::string_view path, std::string& answer);
    void read(const http::Request& request, http::Exchange exchange,
              const token::Principal& principal, const ReadRoute& route, std::string_view id,
              std::string& answer);
    void pay(const http::Request& request, http::Exchange exchange, std::string& answer);
    void listen(const http::Request& request, http::Exchange exchange,
                const token::Principal& principal, std::string& answer);
    void post_command(const http::Request& request, http::Exchange exchange,
                      const token::Principal& principal, std::string_view path,
                      std::string& answer);
    // Whether it is JSON without a query and under a key; `key` may stay empty where it need not
    // be.
    bool read_head(const http::Request& request, bool key_needed, std::string_view& key,
                   std::string& answer);
    bool post_order(const http::Request& request, http::Exchange exchange,
                    const token::Principal& principal, std::string_view resource,
                    std::string& answer);
    void post_batch(const http::Request& request, http::Exchange exchange,
                    const token::Principal& principal, std::string& answer);
    void post_webhook(const http::Request& request, http::Exchange exchange, std::string& answer);
    bool read_batch_item(const schemas::Json& element, const token::Principal& principal,
                         std::string_view trace, projections::Submission& submission,
                         ItemProblem& problem);
    void read_item(const Item& item, const schemas::Json& data, std::string_view where,
                   const token::Principal& principal, std::string_view trace,
                   projections::Submission& submission, ItemProblem& problem);
    std::string_view read_list(const Query& query, Reads::ListQuery& list) const;
    void answer_read(const ReadQuestion& wanted);
    std::string answer_of(const ReadRoute& route, const ReadAsk& ask, const http::Reply& reply);

    // There is no such path, or it has other methods.
    void refuse_route(const http::Request& request, std::string& answer);
    void refuse(const http::Reply& reply, const http::Problem& problem, std::string& answer);
    void refuse(http::Exchange exchange, const http::Reply& reply, const http::Problem& problem);
    void count(http::Status status);
    domain::Time now() const { return {options_.milliseconds_now()}; }

    const DoorOptions options_;
    const projections::Registry& registry_;
    Desk& desk_;
    Reads* const reads_;
    Orders* const orders_;
    const ReadSources* sources_ = nullptr;
    EventFeed* feed_ = nullptr;
    token::Verifier& verifier_;
    const Health health_;
    http::Server* server_ = nullptr;
    DoorMeter meter_;
};

} // namespace gateways::market
