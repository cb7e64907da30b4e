#include "gateways/market/orders.hpp"

#include "domain/account.hpp"
#include "domain/discount_code.hpp"
#include "domain/market_data.hpp"
#include "schemas/messages.hpp"

#include <boost/describe/enum_to_string.hpp>

#include <sodium.h>

namespace gateways::market {

using http::Status;

namespace {

constexpr std::size_t orders_looked_at_max = 1000;
constexpr std::string_view market_feed = "market_data-grid";
constexpr std::string_view quote_kind = "quote";

std::string random_id() {
    unsigned char bytes[16];
    randombytes_buf(bytes, sizeof bytes);
    char text[2 * sizeof bytes + 1];
    sodium_bin2hex(text, sizeof text, bytes, sizeof bytes);
    return text;
}

OrderProblem refused(domain::QuoteRejection reason) {
    return {Status::conflict, boost::describe::enum_to_string(reason, "refused"), {}};
}

} // namespace

template <class Domain>
std::optional<Domain> Orders::state(const projections::Resources& resources,
                                    const std::string& tenant, const std::string& id) const {
    const auto row = resources.row(std::string{Domain::name} + "-" + id);
    if (!row || row->head.tenant != tenant) return std::nullopt;
    return projections::state_in<Domain>(*row);
}

OrderResult<std::string> Orders::quote(const Asker& asker, const QuoteAsk& ask, domain::Time now) {
    const auto rows = views_.rows(projections::ResourcesView::view_name);
    const projections::Resources resources{*rows, registry_};
    const auto dashboard = state<domain::Dashboard>(resources, asker.tenant, ask.dashboard.value);
    if (!dashboard) return OrderProblem{Status::not_found, "dashboard_unknown", {}};
    const auto account = state<domain::Account>(resources, asker.tenant, asker.account);
    domain::MarketData market;
    if (const auto row = resources.row(market_feed))
        market = projections::state_in<domain::MarketData>(*row);

    domain::QuoteRequest request;
    request.id = {random_id()};
    request.dashboard = ask.dashboard;
    request.account = {asker.account};
    request.plan = ask.plan;
    request.mode = ask.mode.value_or(ask.filter ? domain::PlacementMode::advanced
                                                : domain::PlacementMode::basic);
    request.filter = ask.filter;
    request.discount_code = ask.discount_code;
    if (account) {
        request.country = account->tax ? account->tax->country : account->country;
        request.business = account->tax && account->tax->business;
    }
    std::optional<domain::DiscountFacts> discount;
    if (ask.discount_code) {
        const auto code = state<domain::DiscountCode>(
            resources, asker.tenant, ask.dashboard.value + "." + *ask.discount_code);
        if (!code) return refused(domain::QuoteRejection::code_unknown);
        std::string next;
        const bool first_order =
            resources
                .list(
                    domain::Deployment::name, asker.tenant, asker.account, {}, 1,
                    [](const projections::ResourceRow&) { return true; }, next)
                .empty();
        discount = facts_of(*code, request.account, first_order, now);
        discount->code = *ask.discount_code;
    }
    const domain::Plan* plan = plan_in_force(dashboard->plans, ask.plan, now);
    std::vector<domain::Candidate> found;
    if (plan != nullptr && (!request.filter || is_valid(*request.filter)))
        found = candidates(catalogue_.of(rows, asker.tenant, now).offers(), ask.dashboard,
                           plan->workloads, request.filter.value_or(domain::PlacementFilter{}),
                           dashboard->placement_policy);
    const auto terms =
        domain::quote(request, plan, facts_of(*dashboard), market, discount ? &*discount : nullptr,
                      dashboard->tax_rules, found, now);
    if (!terms) return refused(terms.error());
    std::string text;
    schemas::write(*terms, text);
    return R"({"quote":")" + seal_.seal(quote_kind, text) + R"(","terms":)" + text + "}";
}

// What the account's running deployments cost in a month.
domain::Money Orders::committed(const projections::Resources& resources, const Asker& asker,
                                domain::Currency currency) const {
    domain::Money sum{0, currency};
    std::string next;
    for (const auto& one : resources.list(
             domain::Deployment::name, asker.tenant, asker.account, {}, orders_looked_at_max,
             [](const projections::ResourceRow&) { return true; }, next)) {
        const auto& deployment = projections::state_in<domain::Deployment>(one.row);
        if (!is_over(deployment.status) && deployment.quote.gross.currency == currency)
            sum = sum + deployment.quote.gross;
    }
    return sum;
}

OrderResult<domain::PlaceOrder> Orders::order(const Asker& asker, const OrderAsk& ask,
                                              domain::Time) {
    const auto text = seal_.open(quote_kind, ask.quote);
    if (!text) return OrderProblem{Status::conflict, "quote_invalid", {}};
    auto terms =
        schemas::read_text<domain::QuoteTerms>(*text, schemas::Unknown::refuse, text->size());
    if (!terms) return OrderProblem{Status::conflict, "quote_invalid", {}};
    if (!asker.account.empty() && terms->account.value != asker.account)
        return OrderProblem{Status::forbidden, "quote_is_another_accounts", {}};
    const Asker payer{asker.tenant, terms->account.value};
    const auto rows = views_.rows(projections::ResourcesView::view_name);
    const projections::Resources resources{*rows, registry_};
    const auto account = state<domain::Account>(resources, payer.tenant, payer.account);
    const auto dashboard =
        state<domain::Dashboard>(resources, asker.tenant, terms->dashboard.value);
    if (!dashboard) return OrderProblem{Status::not_found, "dashboard_unknown", {}};

    domain::PlaceOrder order;
    order.deployment = {terms->id.value};
    order.name = ask.name;
    order.ssh_key = ask.ssh_key;
    order.domain_label = ask.domain_label;
    order.card = ask.card;
    order.spending_stopped = !account || account->status != domain::AccountStatus::active;
    order.terms_accepted = account && !account->terms.empty();
    if (account) {
        if (!order.card)
            for (const domain::DefaultCard& one : account->default_cards)
                if (one.dashboard == terms->dashboard) order.card = one.payment_method;
        order.spending_limit = account->spending_limit;
    }
    order.card_present = order.card.has_value();
    order.dashboard_live = dashboard->status == domain::DashboardStatus::live;
    order.charge_first = dashboard->settings.charge_first;
    for (const auto days : dashboard->dunning_policy.retry_days)
        order.dunning.retry_days.push_back(days);
    order.dunning.cancels = dashboard->dunning_policy.last_step == domain::DunningEnd::cancel;
    order.committed = committed(resources, payer, terms->gross.currency);
    std::string next;
    order.first_order = resources
                            .list(
                                domain::Deployment::name, payer.tenant, payer.account, {}, 1,
                                [](const projections::ResourceRow&) { return true; }, next)
                            .empty();
    order.quote = std::move(*terms);
    return order;
}

} // namespace gateways::market
