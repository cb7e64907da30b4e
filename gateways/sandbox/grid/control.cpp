// What a test may look at and change behind the sidecar's back.

#include "gateways/sandbox/grid/desk.hpp"

#include <boost/json.hpp>

namespace gateways::sandbox::grid {

namespace {

namespace json = boost::json;
using http::Verb;

std::string text(const json::object& given, std::string_view name) {
    const json::value* value = given.if_contains(name);
    if (value == nullptr || !value->is_string())
        throw BadScript{std::string{name} + " must be text"};
    return std::string{value->get_string()};
}

std::int64_t amount(const json::value& value, std::string_view name) {
    if (!value.is_int64() || value.get_int64() < 0)
        throw BadScript{std::string{name} + " must be a whole number, 0 or more"};
    return value.get_int64();
}

json::object policy(const json::object& given) {
    json::object all;
    for (const std::string_view name : {"id", "cu", "su", "ipu", "unique_name"}) {
        const json::value* value = given.if_contains(name);
        if (value == nullptr) throw BadScript{"policy." + std::string{name} + " is needed"};
        all[name] = amount(*value, name);
    }
    if (all.size() != given.size()) throw BadScript{"policy has a field that is not known"};
    return all;
}

domain::PricingPolicy policy_of(const json::object& given) {
    const auto price = [&](std::string_view name) { return given.at(name).get_int64(); };
    return {std::to_string(price("id")), price("cu"), price("su"), price("ipu"),
            price("unique_name")};
}

} // namespace

// What is not said stays as it is.
Answer Desk::set_prices(const Call& call) {
    const json::value body = json::parse(call.body);
    if (!body.is_object()) throw BadScript{"an object is needed"};
    json::object prices = prices_;
    for (const auto& field : body.get_object()) {
        if (field.key() == "tft" && !field.value().is_null())
            prices["tft"] = amount(field.value(), "tft");
        else if (field.key() == "policy" && field.value().is_object())
            prices["policy"] = policy(field.value().get_object());
        else if ((field.key() == "tft" || field.key() == "policy") && field.value().is_null())
            prices[field.key()] = nullptr;
        else
            throw BadScript{"a field is tft or policy"};
    }
    bill_with(prices);
    prices_ = std::move(prices);
    return json_answer(200, prices_);
}

// What nobody tells is billed as it is at the beginning.
void Desk::bill_with(const json::object& prices) {
    Prices is;
    if (prices.at("tft").is_int64()) is.tft = prices.at("tft").get_int64();
    if (prices.at("policy").is_object()) is.policy = policy_of(prices.at("policy").get_object());
    if (is.tft == 0 || !domain::is_priceable(is.policy))
        throw BadScript{"nothing can be billed with these prices"};
    world_.set_prices(std::move(is));
}

Answer Desk::set_balance(const Call& call) {
    const json::value body = json::parse(call.body);
    if (!body.is_object()) throw BadScript{"an object is needed"};
    const std::string free = text(body.get_object(), "free");
    if (free.empty() || free.size() > 18 || free.find_first_not_of("0123456789") != free.npos)
        throw BadScript{"free must be digits, in units of 1e-7 TFT"};
    world_.set_wallet(std::stoll(free));
    return json_answer(200, json::object{{"free", std::to_string(world_.wallet())}});
}

Answer Desk::set_level(const Call& call) {
    const json::value body = json::parse(call.body);
    const json::value* level = body.is_object() ? body.get_object().if_contains("level") : nullptr;
    if (level == nullptr) throw BadScript{"level is needed"};
    std::optional<domain::DiscountTier> tier;
    if (!level->is_null()) {
        tier = tier_of_level(text(body.get_object(), "level"));
        if (!tier) throw BadScript{"level is None, Default, Bronze, Silver or Gold"};
    }
    world_.set_tier(tier);
    return json_answer(200, body);
}

std::optional<Answer> Desk::control(const Call& call) {
    if (call.path == "/sandbox/contracts" && call.verb == Verb::get) return contracts();
    if (call.path == "/sandbox/bills" && call.verb == Verb::get) {
        json::array all;
        for (const Bill& bill : world_.bills())
            all.push_back(json::object{{"contract", bill.contract},
                                       {"time", unix_seconds(bill.at)},
                                       {"amount", std::to_string(bill.amount)}});
        return json_answer(200, json::object{{"bills", std::move(all)}});
    }
    // As when the sidecar is started anew.
    if (call.path == "/sandbox/jobs" && call.verb == Verb::delete_) {
        jobs_.clear();
        return json_answer(200, json::object{});
    }
    if (call.path == "/sandbox/balance" && call.verb == Verb::post) return set_balance(call);
    if (call.path == "/sandbox/level" && call.verb == Verb::post) return set_level(call);
    if (call.path == "/sandbox/prices" && call.verb == Verb::post) return set_prices(call);
    // {"name", "state", "message"}: what the node says from now on of a deployment or a name.
    if (call.path == "/sandbox/states" && call.verb == Verb::post) {
        const json::value body = json::parse(call.body);
        if (!body.is_object()) throw BadScript{"an object is needed"};
        const std::string name = text(body.get_object(), "name");
        const auto state = work_state(text(body.get_object(), "state"));
        if (!state) throw BadScript{"no such state"};
        const std::string message =
            body.get_object().contains("message") ? text(body.get_object(), "message") : "";
        Machine* machine = world_.machine(name);
        Gateway* gateway = world_.gateway(name);
        if (machine == nullptr && gateway == nullptr) throw BadScript{"nothing has that name"};
        if (machine != nullptr) machine->state = *state, machine->message = message;
        if (gateway != nullptr) gateway->state = *state, gateway->message = message;
        return json_answer(200, json::object{});
    }
    return std::nullopt;
}

} // namespace gateways::sandbox::grid
