// Every kind of request that the adapter can make, sent by its own transport to Stripe's own mock,
// which holds it against Stripe's published description: unknown, missing and wrong parameters are
// refused. What the mock answers with is Stripe's own example of the object, and has to be
// readable.
//
//   stripe_requests http://127.0.0.1:PORT KEY_FILE
//   stripe_requests          only prints them: operation, path, form

#include "gateways/stripe/requests.hpp"

#include "gateways/stripe/objects.hpp"
#include "gateways/stripe/transport.hpp"

#include <boost/describe/enum_to_string.hpp>
#include <boost/describe/enumerators.hpp>
#include <boost/mp11/algorithm.hpp>

#include <cstdio>
#include <exception>
#include <set>

namespace {

using namespace gateways::stripe;

struct Asked {
    Effect effect;
    Step step;
};

template <class Event>
Effect effect_of(Event event) {
    Effect effect;
    effect.id = "0192f0c1-7d3e-7a10-8000-5d2f6c1b9a44";
    effect.event = "0192f0c1-7d3e-7a10-8000-5d2f6c1b9a45";
    effect.intent = "pi_1";
    effect.what = std::move(event);
    return effect;
}
template <class Event>
Effect payment_effect(Event event) {
    return effect_of(domain::PaymentEvent{std::move(event)});
}
template <class Event>
Effect card_effect(Event event) {
    return effect_of(domain::CardEvent{std::move(event)});
}

domain::Money usd(std::int64_t cents) { return {cents, domain::Currency::usd}; }

// Whether there is an intent, a customer, a payer: each changes what is sent.
std::vector<Asked> confirmations() {
    std::vector<Asked> all;
    for (unsigned bits = 0; bits < 64; ++bits) {
        const auto is = [bits](unsigned bit) { return (bits >> bit & 1U) != 0; };
        domain::PaymentRequested event;
        event.payer = {"user-a"};
        event.amount = {1000, is(0) ? domain::Currency::usd : domain::Currency::eur};
        event.card = domain::CardId{"pm_1"};
        event.attempt = is(1) ? 2 : 1;
        event.charge_first = is(2);
        event.retry = is(3);
        Effect effect = payment_effect(event);
        if (!is(1)) effect.intent.reset();
        if (is(4)) effect.customer = "cus_1";
        effect.off_session = is(5);
        Step step = confirm(effect, event, *event.card);
        all.push_back({std::move(effect), std::move(step)});
    }
    return all;
}

std::vector<Asked> all_requests() {
    std::vector<Asked> all = confirmations();
    const auto add = [&](Effect effect, Step step) {
        all.push_back({std::move(effect), std::move(step)});
    };
    const domain::CaptureRequested captured{1, usd(600)};
    add(payment_effect(captured), capture(payment_effect(captured), captured));
    const Effect voided = payment_effect(domain::PaymentVoided{});
    add(voided, cancel(voided));
    for (const char* reason :
         {"", "duplicate", "fraudulent", "requested_by_customer", "It did not start"}) {
        const domain::RefundRequested refunded{2, usd(100), reason};
        add(payment_effect(refunded), refund(payment_effect(refunded), refunded));
    }
    const domain::DisputeAccepted accepted{{"du_1"}};
    add(payment_effect(accepted), accept_dispute(payment_effect(accepted), accepted));
    const domain::EvidenceSubmitted submitted{{"du_1"}, "vault/7"};
    Effect evidence = payment_effect(submitted);
    evidence.evidence = "They logged in & used it, 50 % of the time: \u00e9\u4e2d";
    add(evidence, submit_evidence(evidence, submitted));

    domain::CardSetupStarted started;
    started.account = {"user-a"};
    started.dashboard = {"d1"};
    const Effect set_up = card_effect(started);
    add(set_up, make_customer(started));
    add(set_up, set_up_card(set_up, "cus_1"));
    domain::CardRemoved removed;
    removed.provider_reference = "seti_1";
    add(card_effect(removed), cancel_setup(card_effect(removed), "seti_1"));
    removed.payment_method = domain::CardId{"pm_1"};
    add(card_effect(removed), detach_card(card_effect(removed), "pm_1"));

    const Effect unknown = payment_effect(domain::PaymentOutcomeUnknown{});
    add(unknown, find_intent(unknown));
    const auto read = [&](Step step, const char* object) {
        add(effect_of(Reading{step.operation, object}), std::move(step));
    };
    read(read_intent("pi_1"), "pi_1");
    read(read_refunds("pi_1"), "pi_1");
    read(read_dispute("du_1"), "du_1");
    read(read_setup("seti_1"), "seti_1");
    read(find_setup("pm_1"), "pm_1");
    read(read_fee("txn_1"), "txn_1");
    return all;
}

const char* name_of(Operation operation) {
    return boost::describe::enum_to_string(operation, "an operation without a name");
}

// What is wrong with it; empty: nothing.
std::string verdict_on(Transport& transport, const Asked& asked) {
    const Answer answer = transport.send(asked.step.request);
    if (answer.came != Came::answered) return "no answer";
    if (answer.status != 200) return std::to_string(answer.status) + " " + answer.body;
    parse_object(answer.body);
    const Verdict verdict = conclude(asked.effect, asked.step, answer, {});
    const auto* parked = std::get_if<Park>(&verdict);
    if (parked != nullptr && parked->reason.find("cannot be read") != std::string::npos)
        return parked->reason + ": " + answer.body;
    // With a parameter that nobody knows the same must be refused, or the mock looks at nothing.
    StripeRequest wrong = asked.step.request;
    if (!wrong.form.empty()) wrong.form += "&";
    wrong.form += "colour=red";
    if (transport.send(wrong).status != 400) return "a parameter that there is not was accepted";
    return {};
}

// For others to judge.
void print(const std::vector<Asked>& all) {
    for (const Asked& asked : all)
        std::printf("%s\t%s\t%s\n", name_of(asked.step.operation), asked.step.request.path.c_str(),
                    asked.step.request.form.c_str());
}

int failures(Transport& transport, const std::vector<Asked>& all) {
    int failed = 0;
    for (const Asked& asked : all) {
        const std::string problem = verdict_on(transport, asked);
        if (problem.empty()) continue;
        ++failed;
        std::fprintf(stderr, "%s: %s %s: %s\n", name_of(asked.step.operation),
                     asked.step.request.path.c_str(), asked.step.request.form.c_str(),
                     problem.c_str());
    }
    return failed;
}

using Operations = boost::describe::describe_enumerators<Operation>;
static_assert(boost::mp11::mp_size<Operations>::value ==
                  static_cast<std::size_t>(Operation::read_fee) + 1,
              "an operation is not described");

// Operations that nothing here sends.
int missing(const std::vector<Asked>& all) {
    std::set<Operation> sent;
    for (const Asked& asked : all)
        sent.insert(asked.step.operation);
    int missing = 0;
    boost::mp11::mp_for_each<Operations>([&](auto one) {
        if (sent.contains(one.value)) return;
        ++missing;
        std::fprintf(stderr, "%s: nothing here sends it\n", one.name);
    });
    return missing;
}

} // namespace

int main(int count, char** arguments) {
    if (count != 1 && count != 3) {
        std::fprintf(stderr, "usage: stripe_requests [http://127.0.0.1:PORT KEY_FILE]\n");
        return 2;
    }
    try {
        const std::vector<Asked> all = all_requests();
        if (missing(all) > 0) return 1;
        if (count == 1) {
            print(all);
            return 0;
        }
        TransportOptions options;
        options.origin = arguments[1];
        options.key_file = arguments[2];
        Transport transport{options};
        if (failures(transport, all) > 0) return 1;
        std::printf("ok: %zu requests are Stripe's\n", all.size());
    } catch (const std::exception& fault) {
        std::fprintf(stderr, "%s\n", fault.what());
        return 1;
    }
}
