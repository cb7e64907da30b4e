#include "gateways/sandbox/grid_proxy/grid_proxy_sandbox.hpp"

#include "gateways/sandbox/grid_proxy/control.hpp"
#include "gateways/sandbox/grid_proxy/reads.hpp"

#include <boost/json.hpp>

#include <array>

namespace gateways::sandbox {

namespace {

// Reads have no effect, so what happens before and after it is the same here.
constexpr std::array possible_faults{
    FaultKind::error,         FaultKind::error_after, FaultKind::rate_limit, FaultKind::delay,
    FaultKind::timeout_after, FaultKind::cut_before,  FaultKind::cut_after};

constexpr std::chrono::milliseconds usual_delay{2'000}, usual_timeout{60'000};

Answer error(unsigned status, std::string_view message) {
    return json_answer(status, boost::json::object{{"error", message}});
}

Answer failed(const Fault& fault) {
    const bool limited = fault.kind == FaultKind::rate_limit;
    const unsigned status = fault.status != 0 ? fault.status : limited ? 429 : 500;
    const std::string message = !fault.message.empty() ? fault.message
                                : limited              ? "too many requests"
                                                       : "internal server error";
    Answer answer = error(status, message);
    if (status == 504) answer.body = message; // What stands before the proxy speaks plain words.
    if (limited)
        answer.headers.emplace_back(
            "Retry-After", std::to_string(std::max<std::int64_t>(fault.retry_after.count(), 1)));
    return answer;
}

} // namespace

class GridProxySandbox::Content final : public Protocol {
public:
    explicit Content(const GridProxyOptions& options)
        : front_{options.front, *this},
          chain_{options.chain},
          grid_{grid_proxy::generate(options.seed, options.nodes, now())} {}

    ~Content() { front_.stop(); }

    Front& front() { return front_; }

    Answer answer(const Call& call) override {
        std::uint64_t id = 0;
        const grid_proxy::Endpoint* endpoint = grid_proxy::find_endpoint(call.path, id);
        if (endpoint == nullptr || call.verb != http::Verb::get)
            return error(endpoint == nullptr ? 404 : 405,
                         endpoint == nullptr ? "not found" : "method not allowed");
        const auto fault = front_.faults().next(endpoint->operation, possible_faults);
        Answer answer;
        if (fault && (fault->kind == FaultKind::cut_before || fault->kind == FaultKind::cut_after))
            answer.cut = true;
        else if (fault &&
                 (fault->kind == FaultKind::error || fault->kind == FaultKind::error_after ||
                  fault->kind == FaultKind::rate_limit))
            answer = failed(*fault);
        else
            answer = read(*endpoint, call, id);
        if (fault && fault->kind == FaultKind::delay)
            answer.hold = fault->delay.count() > 0 ? fault->delay : usual_delay;
        if (fault && fault->kind == FaultKind::timeout_after)
            answer.hold = fault->delay.count() > 0 ? fault->delay : usual_timeout;
        return answer;
    }

    std::optional<Answer> control(const Call& call) override {
        const std::lock_guard lock{mutex_};
        if (chain_) chain_(grid_);
        return grid_proxy::control(grid_, now(), call);
    }

    void settle() override {} // All that depends on time is worked out when it is read.

private:
    Answer read(const grid_proxy::Endpoint& endpoint, const Call& call, std::uint64_t id) {
        const std::lock_guard lock{mutex_};
        if (chain_) chain_(grid_);
        try {
            grid_proxy::Query query{call.query};
            return endpoint.answer({grid_, now(), ++draws_}, query, id);
        } catch (const grid_proxy::BadQuery& bad) {
            return error(400, bad.reason);
        }
    }

    grid_proxy::Seconds now() { return unix_seconds(front_.clock().now()); }

    Front front_;
    const std::function<void(grid_proxy::Catalogue&)> chain_;
    std::mutex mutex_; // Guards what follows.
    grid_proxy::Catalogue grid_;
    std::uint64_t draws_ = 0;
};

GridProxySandbox::GridProxySandbox(GridProxyOptions options)
    : content_{std::make_unique<Content>(options)} {}

GridProxySandbox::~GridProxySandbox() = default;

unsigned short GridProxySandbox::port() const { return content_->front().port(); }

void GridProxySandbox::start() { content_->front().start(); }

void GridProxySandbox::stop() { content_->front().stop(); }

const std::shared_ptr<Clock>& GridProxySandbox::clock() const {
    return content_->front().shared_clock();
}

Faults& GridProxySandbox::faults() { return content_->front().faults(); }

} // namespace gateways::sandbox
