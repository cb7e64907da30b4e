// One payment of ours against the sandbox: its aggregate decides, the adapter carries out what it
// asks for, and everybody's clock is the sandbox's.

#pragma once

#include "domain/payment.hpp"
#include "gateways/sandbox/stripe/webhooks.hpp"
#include "gateways/stripe/transport.hpp"
#include "gateways/stripe/webhook.hpp"
#include "tests/sandbox/stripe_client.hpp"
#include "tests/stripe/effects.hpp"
#include "tests/support/temporary_folder.hpp"

#include <boost/describe/enum_to_string.hpp>

#include <fstream>
#include <set>
#include <thread>

namespace tests::stripe {

namespace json = boost::json;

class Shop : public sandbox::Stripe, public Directory {
protected:
    Shop() : transport{options()} {}

    // A command, and all that follows from it.
    void tell(const domain::PaymentCommand& command) {
        record(command);
        work();
    }

    void request_payment(const char* card, bool charge_first = false, std::int64_t cents = 1000) {
        domain::RequestPayment command;
        command.payer = {"user-a"};
        command.amount = usd(cents);
        command.card = domain::CardId{card};
        command.charge_first = charge_first;
        tell(command);
    }

    std::string status() const { return boost::describe::enum_to_string(payment_.status, "?"); }

    // What Stripe has told since the last time, newest last, or the other way round.
    void hear(bool newest_first = false) {
        const sandbox::Reply events = get("/v1/events", {{"limit", "100"}});
        std::vector<json::value> list;
        for (const json::value& event : events.at("/data").as_array())
            if (heard_.insert(std::string{event.at("id").as_string()}).second)
                list.push_back(event);
        if (!newest_first) std::reverse(list.begin(), list.end());
        for (const json::value& event : list)
            hear(json::serialize(event));
    }

    void hear(const std::string& body) {
        const domain::Time now{clock->now().time_since_epoch().count()};
        const std::string header = gateways::sandbox::stripe::signature_header(
            now.milliseconds / 1000, body, {"whsec_old", "whsec_new"});
        const auto signed_at = verify(header, body, {"whsec_new"}, now);
        ASSERT_TRUE(signed_at);
        const auto received = receive(body, *signed_at, now, false);
        ASSERT_TRUE(received) << body;
        EXPECT_FALSE(received->other_version);
        const auto& command = std::get<domain::ReceiveInboundEvent>(
            std::get<domain::InboundEventCommand>(received->directive.command));
        Meaning found = meaning(command.body, *this);
        for (const Directive& directive : found.commands)
            record(directive);
        for (const Effect& reading : found.readings)
            carry_out(reading);
        const auto& last = std::get<domain::InboundEventCommand>(found.last.command);
        if (const auto* park = std::get_if<domain::ParkInboundEvent>(&last))
            parked.push_back(park->reason);
        work();
    }

    void script(json::object fault) const {
        const sandbox::Reply added = control("faults", {{"script", json::array{fault}}});
        EXPECT_EQ(added.status, 200U) << added.response.body;
    }

    // At Stripe's books.
    std::size_t intents() const { return list("payment_intents").size(); }
    std::int64_t charged() const {
        std::int64_t sum = 0;
        for (const json::value& charge : list("charges"))
            sum += charge.at("amount_captured").as_int64();
        return sum;
    }
    std::size_t charges() const {
        std::size_t count = 0;
        for (const json::value& charge : list("charges"))
            count += charge.at("status").as_string() == "succeeded";
        return count;
    }
    std::int64_t refunded() const {
        std::int64_t sum = 0;
        for (const json::value& refund : list("refunds"))
            if (refund.at("status").as_string() == "succeeded")
                sum += refund.at("amount").as_int64();
        return sum;
    }

    // Directory.
    std::optional<KnownPayment> payment(std::string_view intent,
                                        std::string_view payment_id) const override {
        const bool ours =
            payment_id == "p1" || (!intent.empty() && payment_.provider_reference == intent);
        if (!ours) return std::nullopt;
        return KnownPayment{
            {"p1"}, payment_.attempt, payment_.status == domain::PaymentStatus::action_required};
    }
    std::optional<domain::StoredCardId> card(std::string_view) const override {
        return std::nullopt;
    }

    // Until it is concluded or parked. Waiting is the sandbox's time.
    Verdict carry_out(const Effect& effect) {
        Standing standing;
        Verdict verdict = begin(effect, standing);
        for (unsigned requests = 0; requests < 2000; ++requests) {
            if (const auto* ask = std::get_if<Ask>(&verdict)) {
                const Step step = ask->step;
                keys.insert(step.request.idempotency_key);
                verdict = conclude(effect, step, transport.send(step.request), standing);
            } else if (const auto* repeat = std::get_if<Repeat>(&verdict)) {
                pass(std::chrono::ceil<std::chrono::seconds>(repeat->after));
                // What the sandbox holds back, it holds back by the wall's time.
                if (standing.tries < 100) std::this_thread::sleep_for(10ms);
                standing.age += repeat->after;
                ++standing.tries;
                verdict = begin(effect, standing);
            } else {
                break;
            }
        }
        if (const auto* done = std::get_if<Conclude>(&verdict))
            for (const Directive& directive : done->commands)
                record(directive);
        else
            parked.push_back(words_of(verdict).front());
        return verdict;
    }

    domain::Payment payment_;
    std::optional<std::string> customer_;
    bool off_session_ = false;
    std::string evidence_ = "winning_evidence";
    std::set<std::string> keys;
    std::vector<std::string> parked;
    std::vector<std::string> refusals;
    TransportOptions options() {
        const auto file = folder_.path() / "key";
        std::ofstream{file} << "sk_test_sandbox\n";
        TransportOptions options;
        options.origin = url;
        options.key_file = file;
        options.time_max = 300ms;
        return options;
    }

private:
    json::array list(const std::string& kind) const {
        return get("/v1/" + kind, {{"limit", "100"}}).at("/data").as_array();
    }

    void record(const Directive& directive) {
        if (directive.stream != "payment-p1") {
            others.push_back(directive);
            return;
        }
        record(std::get<domain::PaymentCommand>(directive.command));
    }

    void record(const domain::PaymentCommand& command) {
        const domain::Time now{clock->now().time_since_epoch().count()};
        auto decided = decide(payment_, command, now);
        if (!decided) {
            refusals.push_back(boost::describe::enum_to_string(decided.error(), "?"));
            return;
        }
        for (const domain::PaymentEvent& event : *decided) {
            change(payment_, event);
            if (!asks_stripe(event)) continue;
            Effect effect;
            effect.id = "p1";
            effect.event = "e" + std::to_string(++events_);
            effect.what = event;
            waiting_.push_back(std::move(effect));
        }
    }

    void work() {
        while (!waiting_.empty()) {
            Effect effect = std::move(waiting_.front());
            waiting_.erase(waiting_.begin());
            effect.intent = payment_.provider_reference;
            effect.customer = customer_;
            effect.off_session = off_session_;
            effect.evidence = evidence_;
            carry_out(effect);
        }
    }

    TemporaryFolder folder_;
    std::vector<Effect> waiting_;
    std::set<std::string> heard_;
    unsigned events_ = 0;

protected:
    std::vector<Directive> others; // Of other aggregates.
    Transport transport;
};

} // namespace tests::stripe
