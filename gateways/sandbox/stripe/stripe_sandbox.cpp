#include "gateways/sandbox/stripe/stripe_sandbox.hpp"

#include "gateways/sandbox/stripe/control.hpp"
#include "gateways/sandbox/stripe/refusal.hpp"
#include "gateways/sandbox/stripe/scratch.hpp"
#include "gateways/sandbox/stripe/teller.hpp"
#include "gateways/sandbox/stripe/webhooks.hpp"

#include <boost/json.hpp>

#include <mutex>

namespace gateways::sandbox {

class StripeSandbox::Content final : public Protocol {
public:
    explicit Content(StripeOptions given)
        : options_{std::move(given)},
          front_{options_.front, *this},
          webhooks_{front_.shared_clock(), front_.faults()},
          account_{new_account()},
          teller_{{options_.secret_key, options_.publishable_key}, front_.faults(), *account_} {}

    ~Content() { stop(); }

    void start() {
        webhooks_.start();
        front_.start();
    }

    void stop() {
        front_.stop();
        webhooks_.stop();
    }

    Answer answer(const Call& call) override {
        const std::lock_guard lock{mutex_};
        begin();
        Answer answer = teller_.answer(call);
        if (answer.then)
            answer.then = [this, then = std::move(answer.then)] {
                const std::lock_guard later{mutex_};
                begin();
                return then();
            };
        return answer;
    }

    std::optional<Answer> control(const Call& call) override {
        const std::lock_guard lock{mutex_};
        begin();
        if (call.path == "/sandbox/data" && call.verb == http::Verb::delete_) {
            webhooks_.clear();
            account_ = new_account();
            teller_.reset(*account_);
            return json_answer(200, boost::json::object{});
        }
        try {
            return stripe::control(*account_, webhooks_, call);
        } catch (const stripe::Refusal& refusal) {
            return json_answer(refusal.status, render(refusal));
        }
    }

    Front& front() { return front_; }

    void settle() override {
        {
            const std::lock_guard lock{mutex_};
            begin();
        }
        webhooks_.wake();
    }

private:
    void begin() {
        stripe::clear_scratch();
        account_->move_to(front_.clock().now());
    }

    std::unique_ptr<stripe::Account> new_account() {
        auto account = std::make_unique<stripe::Account>(options_.terms, options_.seed, webhooks_);
        account->move_to(front_.clock().now());
        return account;
    }

    const StripeOptions options_;
    Front front_;
    stripe::Webhooks webhooks_;
    std::mutex mutex_; // Guards what follows.
    std::unique_ptr<stripe::Account> account_;
    stripe::Teller teller_;
};

StripeSandbox::StripeSandbox(StripeOptions options)
    : content_{std::make_unique<Content>(std::move(options))} {}

StripeSandbox::~StripeSandbox() = default;

unsigned short StripeSandbox::port() const { return content_->front().port(); }

void StripeSandbox::start() { content_->start(); }

void StripeSandbox::stop() { content_->stop(); }

const std::shared_ptr<Clock>& StripeSandbox::clock() const {
    return content_->front().shared_clock();
}

Faults& StripeSandbox::faults() { return content_->front().faults(); }

} // namespace gateways::sandbox
