#include "domain/quote.hpp"

#include "domain/dashboard.hpp"
#include "domain/discount_code.hpp"
#include "domain/market_data.hpp"

#include <algorithm>

namespace domain {

namespace {

using Rejection = QuoteRejection;

bool is_valid(const QuoteRequest& request) {
    if (!request.filter) return true;
    return request.mode == PlacementMode::advanced && is_valid(*request.filter);
}

// Why the discount that is asked for is not given.
std::optional<Rejection> refusal_of(const QuoteRequest& request, const DiscountFacts* discount) {
    if (!request.discount_code) return std::nullopt;
    if (discount == nullptr || discount->code != *request.discount_code)
        return Rejection::code_unknown;
    return discount->refusal;
}

void set_prices(QuoteTerms& terms, const PlanCost& cost, const DiscountTerms* discount,
                const TaxRule* tax_rule) {
    terms.list_cost = cost.list;
    terms.expected_cost = cost.expected;
    terms.price = cost.price;
    terms.net = discount != nullptr ? net_price(cost.price, *discount, cost.list) : cost.price;
    terms.discount = terms.price - terms.net;
    if (tax_rule != nullptr) {
        terms.tax_basis_points = tax_rule->basis_points;
        terms.tax_country = tax_rule->country;
    }
    terms.tax = tax_of(terms.net, terms.tax_basis_points);
    terms.gross = terms.net + terms.tax;
}

} // namespace

DashboardFacts facts_of(const Dashboard& dashboard) {
    const bool open = dashboard.status == DashboardStatus::live ||
                      dashboard.status == DashboardStatus::sales_paused;
    return {open, dashboard.markup_basis_points, dashboard.settings};
}

DiscountFacts facts_of(const DiscountCode& code, const AccountId& account, bool first_order,
                       Time now) {
    DiscountFacts facts{code.code, code.terms, {}};
    if (const auto reason = refusal_of(code, account, first_order, now)) {
        switch (*reason) {
        case DiscountRefusal::code_unknown: facts.refusal = Rejection::code_unknown; break;
        case DiscountRefusal::code_expired: facts.refusal = Rejection::code_expired; break;
        case DiscountRefusal::code_exhausted: facts.refusal = Rejection::code_exhausted; break;
        case DiscountRefusal::not_eligible: facts.refusal = Rejection::not_eligible; break;
        }
    }
    return facts;
}

const TaxRule* tax_rule_of(std::span<const TaxRule> rules,
                           const std::optional<std::string>& country, bool business) {
    if (!country) return nullptr;
    const auto found = std::ranges::find(rules, *country, &TaxRule::country);
    if (found == rules.end() || (found->consumer_only && business)) return nullptr;
    return &*found;
}

Result<QuoteTerms, QuoteRejection> quote(const QuoteRequest& request, const Plan* plan,
                                         const DashboardFacts& dashboard, const MarketData& market,
                                         const DiscountFacts* discount,
                                         std::span<const TaxRule> tax_rules,
                                         std::span<const Candidate> candidates, Time now) {
    if (!dashboard.open || plan == nullptr || plan->id != request.plan || plan->retired ||
        plan->from > now)
        return Rejection::plan_not_offered;
    if (!is_valid(request)) return Rejection::filter_invalid;
    if (!is_fresh(market, now)) return Rejection::price_feed_stale;
    if (const auto reason = refusal_of(request, discount)) return *reason;

    QuoteTerms terms;
    set_prices(terms,
               cost_of(*plan, *market.policy, dashboard.markup_basis_points, dashboard.settings),
               request.discount_code ? &discount->terms : nullptr,
               tax_rule_of(tax_rules, request.country, request.business.value_or(false)));
    if (margin_of(terms.net, terms.gross, terms.expected_cost) < dashboard.settings.margin_floor)
        return Rejection::margin_below_floor;
    if (!choose_nodes(candidates, plan->workloads)) return Rejection::no_matching_node;

    terms.id = request.id;
    terms.dashboard = request.dashboard;
    terms.account = request.account;
    terms.plan = plan->id;
    terms.plan_version = plan->version;
    terms.sla_version = plan->sla_version;
    terms.application = plan->application;
    terms.workloads = plan->workloads;
    terms.web_name = plan->web_name;
    terms.pricing_policy = market.policy->id;
    terms.tft_price = *market.tft_price;
    terms.tier = dashboard.settings.declared_tier;
    terms.discount_code = request.discount_code;
    terms.candidates.assign(candidates.begin(), candidates.end());
    terms.expires = {now.milliseconds + quote_validity.count()};
    terms.suspends_on_dispute = dashboard.settings.suspend_on_dispute;
    terms.fraud_refund_limit = dashboard.settings.fraud_refund_limit;
    return terms;
}

} // namespace domain
