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

} // namespace

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
    if (call.path == "/sandbox/balance" && call.verb == Verb::post) {
        const json::value body = json::parse(call.body);
        if (!body.is_object()) throw BadScript{"an object is needed"};
        const std::string free = text(body.get_object(), "free");
        if (free.empty() || free.size() > 18 || free.find_first_not_of("0123456789") != free.npos)
            throw BadScript{"free must be digits, in units of 1e-7 TFT"};
        world_.set_wallet(std::stoll(free));
        return json_answer(200, json::object{{"free", std::to_string(world_.wallet())}});
    }
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
