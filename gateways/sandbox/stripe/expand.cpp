#include "gateways/sandbox/stripe/expand.hpp"

#include "gateways/sandbox/stripe/refusal.hpp"
#include "gateways/sandbox/stripe/render.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace gateways::sandbox::stripe {

namespace {

namespace json = boost::json;

constexpr std::ptrdiff_t depth_max = 4;
constexpr std::string_view list_prefix = "list:", data_prefix = "data.";

struct Link {
    std::string_view kind, path, target;
};

constexpr Link links[]{
    {"customer", "invoice_settings.default_payment_method", "payment_method"},
    {"payment_method", "customer", "customer"},
    {"setup_intent", "customer", "customer"},
    {"setup_intent", "payment_method", "payment_method"},
    {"payment_intent", "customer", "customer"},
    {"payment_intent", "payment_method", "payment_method"},
    {"payment_intent", "latest_charge", "charge"},
    {"charge", "customer", "customer"},
    {"charge", "payment_intent", "payment_intent"},
    {"charge", "balance_transaction", "balance_transaction"},
    {"charge", "failure_balance_transaction", "balance_transaction"},
    {"charge", "refunds", "list:refund"},
    {"refund", "charge", "charge"},
    {"refund", "payment_intent", "payment_intent"},
    {"refund", "balance_transaction", "balance_transaction"},
    {"refund", "failure_balance_transaction", "balance_transaction"},
    {"dispute", "charge", "charge"},
    {"dispute", "payment_intent", "payment_intent"},
    {"balance_transaction", "source", "charge"},
    {"radar.early_fraud_warning", "charge", "charge"},
    {"radar.early_fraud_warning", "payment_intent", "payment_intent"},
};

// The link that a path begins with, and what is left of the path.
const Link* follow(std::string_view kind, std::string_view path, std::string_view& rest) {
    for (const Link& link : links) {
        if (link.kind != kind || !path.starts_with(link.path)) continue;
        rest = path.substr(link.path.size());
        if (!rest.empty() && rest[0] != '.') continue;
        if (!rest.empty()) rest.remove_prefix(1);
        return &link;
    }
    return nullptr;
}

bool is_path_of(std::string_view kind, std::string_view path) {
    if (kind.starts_with(list_prefix)) {
        if (!path.starts_with(data_prefix)) return false;
        return is_path_of(kind.substr(list_prefix.size()), path.substr(data_prefix.size()));
    }
    std::string_view rest;
    const Link* link = follow(kind, path, rest);
    return link != nullptr && (rest.empty() || is_path_of(link->target, rest));
}

json::value object_named(const Account& account, std::string_view id) {
    if (const auto* one = account.customers.find(id)) return render(*one);
    if (const auto* one = account.payment_methods.find(id)) return render(*one);
    if (const auto* one = account.payment_intents.find(id)) return render(*one);
    if (const auto* one = account.charges.find(id)) return render(*one);
    if (const auto* one = account.balance_transactions.find(id)) return render(*one, account.now());
    if (const auto* one = account.refunds.find(id)) return render(*one);
    if (const auto* one = account.disputes.find(id)) return render(*one, account);
    return nullptr;
}

json::object refunds_of(const Account& account, std::string_view charge) {
    json::array data;
    const auto& all = account.refunds.all();
    for (auto one = all.rbegin(); one != all.rend(); ++one)
        if (one->charge == charge) data.push_back(render(*one));
    return {{"object", "list"},
            {"data", std::move(data)},
            {"has_more", false},
            {"url", "/v1/charges/" + std::string{charge} + "/refunds"}};
}

void expand_one(const Account& account, std::string_view kind, std::string_view path,
                json::object& object) {
    if (kind.starts_with(list_prefix)) {
        for (json::value& one : object.at("data").as_array())
            expand_one(account, kind.substr(list_prefix.size()), path.substr(data_prefix.size()),
                       one.get_object());
        return;
    }
    std::string_view rest;
    const Link* link = follow(kind, path, rest);
    json::object* parent = &object;
    std::string_view field = link->path;
    for (auto dot = field.find('.'); dot != field.npos; dot = field.find('.')) {
        json::value* inner = parent->if_contains(field.substr(0, dot));
        if (inner == nullptr || !inner->is_object()) return;
        parent = &inner->get_object();
        field.remove_prefix(dot + 1);
    }
    if (field == "refunds" && !parent->contains(field))
        (*parent)[field] = refunds_of(account, object.at("id").as_string());
    json::value* value = parent->if_contains(field);
    if (value == nullptr) return;
    if (value->is_string()) {
        const std::string id{value->get_string()};
        *value = object_named(account, id);
    }
    if (!rest.empty() && value->is_object())
        expand_one(account, link->target, rest, value->get_object());
}

} // namespace

void check_expansion(std::string_view kind, const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
        const auto steps = std::ranges::count(path, '.') + 1;
        if (steps > depth_max)
            refuse_parameter({}, "expand",
                             "You cannot expand more than 4 levels of a property: " + path);
        if (!is_path_of(kind, path))
            refuse_parameter({}, "expand", "This property cannot be expanded (" + path + ").");
    }
}

void expand(const Account& account, std::string_view kind, const std::vector<std::string>& paths,
            json::object& answer) {
    for (const std::string& path : paths)
        expand_one(account, kind, path, answer);
}

} // namespace gateways::sandbox::stripe
