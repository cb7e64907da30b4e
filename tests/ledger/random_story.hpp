// A made-up year of a marketplace: orders that serve and orders that fail, renewals, refunds,
// disputes, credit, bills, adjustments; of several tenants and dashboards, from a seed.

#pragma once

#include "tests/ledger/customer_events.hpp"
#include "tests/ledger/told_story.hpp"

#include <deque>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace tests {

class RandomStory {
public:
    RandomStory(std::uint64_t seed, int deployments) : random_{seed} {
        for (int i = 0; i < deployments; ++i)
            live(i);
        for (int i = 0; i < deployments / 10 + 1; ++i)
            adjust();
        tell_all();
    }

    const ToldStory& told() const { return story_; }
    std::mt19937_64& random() { return random_; }

private:
    using Step = std::function<void(ToldStory&, Time)>;

    std::int64_t below(std::int64_t bound) {
        return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(bound));
    }
    bool one_in(std::int64_t bound) { return below(bound) == 0; }

    template <class Event>
    void add(std::deque<Step>& steps, std::string stream, Event event, std::string tenant) {
        steps.push_back([stream = std::move(stream), event = std::move(event),
                         tenant = std::move(tenant)](ToldStory& story, Time time) {
            story.tell(stream, event, time, tenant);
        });
    }

    struct Life {
        std::deque<Step> steps;
        std::string deployment, tenant;
        domain::BillingTerms terms;
    };

    void live(int number) {
        Life life;
        life.deployment = "d" + std::to_string(number);
        life.tenant = one_in(4) ? "other" : "acme";
        const auto currency = one_in(5) ? domain::Currency::eur : domain::Currency::usd;
        const std::int64_t net = 50 + below(5000);
        const std::string payer = "user-" + std::to_string(below(20));
        life.terms =
            terms_of(one_in(10) ? "auth0|" + payer : payer, cents(net, currency),
                     one_in(2) ? net * 21 / 100 : 0, one_in(3) ? "operator-u" : "operator-t");
        add(life.steps, "deployment-" + life.deployment, ordered(life.deployment, life.terms),
            life.tenant);
        const bool served = !one_in(5);
        deploy(life, served);
        pay(life, 1);
        if (served)
            subscribe(life);
        else
            give_back(life, 1, life.terms.net.minor);
        lives_.push_back(std::move(life.steps));
    }

    void deploy(Life& life, bool served) {
        const std::string stream = "deployment-" + life.deployment;
        for (int attempt = one_in(3) ? 2 : 1; attempt > 0; --attempt) {
            const std::string contract = std::to_string(contracts_++);
            add(life.steps, stream,
                domain::DeploymentEvent{domain::ContractCreated{contract_of(contract)}},
                life.tenant);
            bills(life, contract, 2);
            const bool last = attempt == 1 && served;
            add(life.steps, stream, last ? ready(contract) : failed(contract), life.tenant);
            bills(life, contract, last ? 12 : 1);
        }
    }

    void bills(Life& life, const std::string& contract, int count) {
        for (int i = 0; i < count; ++i) {
            const std::int64_t amount = 1 + below(5'000'000);
            add(life.steps, "usage-" + contract, bill(after(0), amount, life.deployment),
                life.tenant);
            if (one_in(4))
                add(life.steps, "usage-" + contract,
                    reward(after(0), "7", amount / 2, amount - amount / 2 - amount / 10,
                           amount / 10),
                    life.tenant);
        }
    }

    std::string period(const Life& life, std::uint32_t number) {
        return domain::period_id(life.deployment, number);
    }

    void pay(Life& life, std::uint32_t number) {
        const std::string invoice = "invoice-" + period(life, number);
        const std::string payment = "payment-" + period(life, number);
        add(life.steps, invoice,
            domain::InvoiceEvent{
                domain::InvoiceDrafted{period_of(life.deployment, number), life.terms}},
            life.tenant);
        add(life.steps, invoice, issued(life.deployment, number, life.terms), life.tenant);
        Money due = life.terms.gross;
        if (one_in(4)) due = due - credit(life, number, due);
        if (due.minor == 0) return;
        add(life.steps, payment, requested(life.terms), life.tenant);
        add(life.steps, payment, captured(due), life.tenant);
        add(life.steps, payment,
            domain::PaymentEvent{domain::CardFeeRecorded{cents(30 + due.minor * 29 / 1000)}},
            life.tenant);
        if (one_in(8)) dispute(life, payment, due);
    }

    // Granted, and applied as far as it goes. What is left of it lapses.
    Money credit(Life& life, std::uint32_t number, const Money& due) {
        const std::string stream = "customer_credit-" + life.terms.payer.value + "." +
                                   life.terms.dashboard.value + "/" + life.deployment;
        domain::CreditGranted granted;
        granted.account = life.terms.payer;
        granted.dashboard = life.terms.dashboard;
        granted.kind = static_cast<domain::CreditKind>(below(4));
        granted.amount = {1 + below(2 * due.minor), due.currency};
        add(life.steps, stream, domain::CustomerCreditEvent{granted}, life.tenant);
        const Money applied = std::min(granted.amount, due);
        add(life.steps, "invoice-" + period(life, number),
            domain::InvoiceEvent{domain::CreditApplied{period(life, number), applied, due - applied,
                                                       life.terms.payer, life.terms.dashboard}},
            life.tenant);
        if (applied == granted.amount) return applied;
        domain::CreditExpired expired;
        expired.account = life.terms.payer;
        expired.dashboard = life.terms.dashboard;
        expired.amount = granted.amount - applied;
        expired.parts = {{1, granted.kind, expired.amount}};
        add(life.steps, stream, domain::CustomerCreditEvent{expired}, life.tenant);
        return applied;
    }

    void dispute(Life& life, const std::string& payment, const Money& amount) {
        add(life.steps, payment,
            domain::PaymentEvent{
                domain::DisputeOpened{{"du_1"}, amount, "fraudulent", {}, std::nullopt}},
            life.tenant);
        add(life.steps, payment,
            one_in(2) ? domain::PaymentEvent{domain::DisputeWon{{"du_1"}, amount, std::nullopt}}
                      : domain::PaymentEvent{domain::DisputeLost{{"du_1"}, amount, std::nullopt}},
            life.tenant);
    }

    // Credit notes, and money for each; sometimes it comes back.
    void give_back(Life& life, std::uint32_t number, std::int64_t net) {
        const std::string payment = "payment-" + period(life, number);
        std::uint32_t note = 0;
        while (net > 0) {
            const std::int64_t part = one_in(2) ? net : 1 + below(net);
            net -= part;
            const Money amount{part, life.terms.net.currency};
            add(life.steps, "invoice-" + period(life, number),
                noted(life.deployment, number, life.terms, ++note, amount, amount - amount),
                life.tenant);
            add(life.steps, payment + ".refund" + std::to_string(note), requested(life.terms),
                life.tenant);
            add(life.steps, payment + ".refund" + std::to_string(note),
                domain::PaymentEvent{domain::RefundSucceeded{1, amount}}, life.tenant);
            if (one_in(3))
                add(life.steps, payment + ".refund" + std::to_string(note),
                    domain::PaymentEvent{domain::RefundFailed{1, amount, {}}}, life.tenant);
        }
    }

    void subscribe(Life& life) {
        const std::string stream = "subscription-" + life.deployment;
        add(life.steps, stream, started(life.terms), life.tenant);
        const auto periods = static_cast<std::uint32_t>(1 + below(4));
        for (std::uint32_t number = 1; number <= periods; ++number) {
            const std::int64_t net = life.terms.net.minor;
            if (one_in(4)) give_back(life, number, 1 + below(net / 2));
            if (number < periods) {
                add(life.steps, stream, renewal(number + 1, life.terms), life.tenant);
                pay(life, number + 1);
            } else if (one_in(2)) {
                const std::int64_t used = below(net + 1);
                add(life.steps, stream,
                    cancelled(number, life.terms, {used, life.terms.net.currency}), life.tenant);
            }
        }
    }

    void adjust() {
        const std::string stream = "book-operator-" + std::to_string(lives_.size());
        std::deque<Step> steps;
        const Money amount = one_in(2) ? tft(1'000'000'000'000'000'000) : cents(1 + below(1000));
        const std::vector<domain::AdjustmentLine> lines{{"tft.chain", amount},
                                                        {"opening", amount - amount - amount}};
        add(steps, stream,
            domain::BookEvent{domain::AdjustmentApproved{
                1, one_in(2) ? "2027-03" : "2027-04", lines, "x", {}, {}}},
            "acme");
        lives_.push_back(std::move(steps));
    }

    void tell_all() {
        Time now = after(0);
        while (!lives_.empty()) {
            const auto chosen = static_cast<std::size_t>(below(std::ssize(lives_)));
            auto& steps = lives_[chosen];
            if (!steps.empty()) {
                now.milliseconds += below(20) * 60'000;
                steps.front()(story_, now);
                steps.pop_front();
                continue;
            }
            std::swap(lives_[chosen], lives_.back());
            lives_.pop_back();
        }
    }

    std::mt19937_64 random_;
    ToldStory story_;
    std::vector<std::deque<Step>> lives_;
    int contracts_ = 9000;
};

} // namespace tests
