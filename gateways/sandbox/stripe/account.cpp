#include "gateways/sandbox/stripe/account.hpp"

#include "gateways/sandbox/random.hpp"
#include "gateways/sandbox/stripe/render.hpp"
#include "gateways/sandbox/stripe/scratch.hpp"

#include <boost/json.hpp>

namespace gateways::sandbox::stripe {

namespace json = boost::json;

Account::Account(const Terms& given, std::uint64_t seed, Mail& mail)
    : terms{given}, seed_{mixed(seed)}, mail_{mail} {}

void Account::move_to(Time now) {
    while (!alarms_.empty() && alarms_.begin()->first <= unix_seconds(now)) {
        const auto due = alarms_.begin();
        now_ = std::max(now_, Time{std::chrono::seconds{due->first}});
        const auto action = std::move(due->second);
        alarms_.erase(due);
        const Cause asked = std::exchange(cause, {});
        action(*this);
        cause = asked;
    }
    now_ = now;
}

void Account::at(Seconds when, std::function<void(Account&)> action) {
    alarms_.emplace(when, std::move(action));
}

std::string Account::random_text(std::size_t size) {
    constexpr std::string_view letters =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    std::string text;
    while (text.size() < size) {
        std::uint64_t number = mixed(seed_ + drawn_++);
        for (int i = 0; i < 10 && text.size() < size; ++i, number /= letters.size())
            text.push_back(letters[number % letters.size()]);
    }
    return text;
}

std::string Account::new_id(std::string_view prefix) {
    return std::string{prefix} + random_text(24);
}

std::string Account::new_secret(std::string_view id) {
    return std::string{id} + "_secret_" + random_text(25);
}

void Account::emit(std::string_view type, const json::object& object,
                   const json::object& previous) {
    json::object data({{"object", object}}, scratch());
    if (!previous.empty()) data["previous_attributes"] = previous;
    Event event{new_id("evt_"), std::string{type}, now(), {}};
    event.body =
        json::serialize(json::object({{"id", event.id},
                                      {"object", "event"},
                                      {"api_version", api_version},
                                      {"created", event.created},
                                      {"data", std::move(data)},
                                      {"livemode", false},
                                      {"pending_webhooks", mail_.subscribers(type)},
                                      {"request",
                                       {{"id", text_or_null(cause.request_id)},
                                        {"idempotency_key", text_or_null(cause.idempotency_key)}}},
                                      {"type", type}},
                                     scratch()));
    mail_.send(event);
    events.push_back(std::move(event));
    if (events.size() > terms.events_kept) events.pop_front();
}

json::object Account::shown(const Event& event) const {
    json::object object = json::parse(event.body).get_object();
    object["pending_webhooks"] = pending(event);
    return object;
}

BalanceTransaction& Account::book(std::string_view type, std::string_view category, Amount amount,
                                  Amount fee, std::string_view currency, std::string_view source,
                                  Seconds available_on) {
    BalanceTransaction line;
    line.id = new_id("txn_");
    line.created = now();
    line.available_on = available_on;
    line.amount = amount;
    line.fee = fee;
    line.currency = currency;
    line.type = type;
    line.reporting_category = category;
    line.source = source;
    return balance_transactions.add(std::move(line));
}

Amount Account::available(std::string_view currency) const {
    Amount sum = 0;
    for (const BalanceTransaction& line : balance_transactions.all())
        if (line.currency == currency && line.available_on <= now()) sum += line.net();
    return sum;
}

} // namespace gateways::sandbox::stripe
