#include "gateways/market/orders.hpp"

#include "domain/account.hpp"
#include "domain/discount_code.hpp"
#include "domain/market_data.hpp"
#include "domain/node.hpp"
#include "schemas/messages.hpp"

#include <boost/describe/enum_to_string.hpp>

#include <fstream>
#include <sodium.h>

namespace gateways::market {

using http::Status;

namespace {

constexpr std::chrono::milliseconds catalogue_age_max{1000};
constexpr std::size_t nodes_max = 100'000;
constexpr std::size_t orders_looked_at_max = 1000;
constexpr std::size_t sealed_bytes_max = 64 * 1024;
constexpr std::string_view market_feed = "market_data-grid";
constexpr int base64_variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

std::string base64(std::string_view bytes) {
    std::string text(sodium_base64_ENCODED_LEN(bytes.size(), base64_variant), '\0');
    sodium_bin2base64(text.data(), text.size(),
                      reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                      base64_variant);
    text.resize(text.size() - 1);
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    std::string bytes(text.size(), '\0');
    std::size_t size = 0;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                          text.size(), nullptr, &size, nullptr, base64_variant) != 0)
        return std::nullopt;
    bytes.resize(size);
    return bytes;
}

std::string keyed_hash(std::string_view text, std::string_view key) {
    std::string hash(crypto_auth_hmacsha256_BYTES, '\0');
    crypto_auth_hmacsha256(reinterpret_cast<unsigned char*>(hash.data()),
                           reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                           reinterpret_cast<const unsigned char*>(key.data()));
    return hash;
}

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

QuoteSeal::QuoteSeal(const std::filesystem::path& key_file) {
    if (sodium_init() < 0) throw std::runtime_error{"libsodium cannot be used"};
    if (!std::filesystem::exists(key_file)) {
        key_.resize(crypto_auth_hmacsha256_KEYBYTES);
        randombytes_buf(key_.data(), key_.size());
        std::filesystem::path made = key_file;
        made += ".new";
        std::ofstream{made, std::ios::binary} << key_;
        std::filesystem::permissions(made, std::filesystem::perms::owner_read |
                                               std::filesystem::perms::owner_write);
        std::filesystem::rename(made, key_file);
    }
    std::ifstream file{key_file, std::ios::binary};
    key_.assign(std::istreambuf_iterator<char>{file}, {});
    if (key_.size() != crypto_auth_hmacsha256_KEYBYTES)
        throw std::runtime_error{key_file.string() + " has to hold " +
                                 std::to_string(crypto_auth_hmacsha256_KEYBYTES) + " bytes"};
}

std::string QuoteSeal::seal(const domain::QuoteTerms& terms) const {
    std::string text;
    schemas::write(terms, text);
    const std::string body = base64(text);
    return body + "." + base64(keyed_hash(body, key_));
}

std::optional<domain::QuoteTerms> QuoteSeal::open(std::string_view sealed) const {
    const auto point = sealed.find('.');
    if (sealed.size() > sealed_bytes_max || point == std::string_view::npos) return std::nullopt;
    const std::string_view body = sealed.substr(0, point);
    const auto hash = from_base64(sealed.substr(point + 1));
    const std::string expected = keyed_hash(body, key_);
    if (!hash || hash->size() != expected.size() ||
        sodium_memcmp(hash->data(), expected.data(), expected.size()) != 0)
        return std::nullopt;
    const auto text = from_base64(body);
    if (!text) return std::nullopt;
    auto terms =
        schemas::read_text<domain::QuoteTerms>(*text, schemas::Unknown::refuse, text->size());
    if (!terms) return std::nullopt;
    return std::move(*terms);
}

template <class Domain>
std::optional<Domain> Orders::state(const projections::Resources& resources,
                                    const std::string& tenant, const std::string& id) const {
    const auto row = resources.row(std::string{Domain::name} + "-" + id);
    if (!row || row->head.tenant != tenant) return std::nullopt;
    return static_cast<const typename projections::Aggregate<Domain>::State&>(*row->state).state();
}

std::shared_ptr<const std::vector<domain::NodeOffer>>
Orders::catalogue(const projections::Resources& resources, const std::string& tenant,
                  domain::Time now) {
    const std::lock_guard lock{mutex_};
    const auto at = std::chrono::steady_clock::now();
    auto known = std::ranges::find(catalogues_, tenant, &Catalogue::tenant);
    if (known == catalogues_.end())
        known = catalogues_.insert(catalogues_.end(), Catalogue{tenant, {}, nullptr});
    if (known->offers && at - known->read_at < catalogue_age_max) return known->offers;
    auto offers = std::make_shared<std::vector<domain::NodeOffer>>();
    std::string place, next;
    do {
        place = next;
        for (const auto& one : resources.list(
                 domain::Node::name, tenant, std::nullopt, place, 1000,
                 [](const projections::ResourceRow&) { return true; }, next)) {
            const auto& node =
                static_cast<const projections::Aggregate<domain::Node>::State&>(*one.row.state)
                    .state();
            constexpr std::uint32_t healthy = 10'000;
            offers->push_back(offer_of(node, {one.id}, healthy, now));
        }
    } while (!next.empty() && offers->size() < nodes_max);
    known->read_at = at;
    known->offers = std::move(offers);
    return known->offers;
}

OrderResult<std::string> Orders::quote(const Asker& asker, const QuoteAsk& ask, domain::Time now) {
    const auto rows = views_.rows(projections::ResourcesView::view_name);
    const projections::Resources resources{*rows, registry_};
    const auto dashboard = state<domain::Dashboard>(resources, asker.tenant, ask.dashboard.value);
    if (!dashboard) return OrderProblem{Status::not_found, "dashboard_unknown", {}};
    const auto account = state<domain::Account>(resources, asker.tenant, asker.account);
    domain::MarketData market;
    if (const auto row = resources.row(market_feed))
        market = static_cast<const projections::Aggregate<domain::MarketData>::State&>(*row->state)
                     .state();

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
        found = candidates(*catalogue(resources, asker.tenant, now), ask.dashboard, plan->workloads,
                           request.filter.value_or(domain::PlacementFilter{}),
                           dashboard->placement_policy);
    const auto terms =
        domain::quote(request, plan, facts_of(*dashboard), market, discount ? &*discount : nullptr,
                      dashboard->tax_rules, found, now);
    if (!terms) return refused(terms.error());
    std::string body = R"({"quote":")" + seal_.seal(*terms) + R"(","terms":)";
    schemas::write(*terms, body);
    return body + "}";
}

// What the account's running deployments cost in a month.
domain::Money Orders::committed(const projections::Resources& resources, const Asker& asker,
                                domain::Currency currency) const {
    domain::Money sum{0, currency};
    std::string next;
    for (const auto& one : resources.list(
             domain::Deployment::name, asker.tenant, asker.account, {}, orders_looked_at_max,
             [](const projections::ResourceRow&) { return true; }, next)) {
        const auto& deployment =
            static_cast<const projections::Aggregate<domain::Deployment>::State&>(*one.row.state)
                .state();
        if (!is_over(deployment.status) && deployment.quote.gross.currency == currency)
            sum = sum + deployment.quote.gross;
    }
    return sum;
}

OrderResult<domain::PlaceOrder> Orders::order(const Asker& asker, const OrderAsk& ask,
                                              domain::Time) {
    auto terms = seal_.open(ask.quote);
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
