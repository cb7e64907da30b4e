#include "gateways/tfgrid/countries.hpp"
#include "gateways/tfgrid/news.hpp"
#include "tests/tfgrid/grid_samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace gateways::tfgrid;
using grid_samples::as;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr domain::Time now{1'800'000'000'000};
constexpr std::int64_t reported = 1'799'999'000; // Seconds.

GridNode machine(std::int64_t id, std::int64_t farm = 7) {
    GridNode node;
    node.node = id;
    node.farm = farm;
    node.country = "Belgium";
    node.region = "Europe";
    node.city = "Ghent";
    node.capacity = {16, 64, 1000, 0};
    node.status = "up";
    node.healthy = true;
    node.certification = "Certified";
    node.updated = reported;
    return node;
}

GridFarm farm(std::int64_t id, std::int64_t twin, std::int64_t addresses = 0) {
    GridFarm farm;
    farm.farm = id;
    farm.twin = twin;
    farm.public_ips = addresses;
    return farm;
}

// Has proved farm 7 as twin 42.
KnownProvider provider_h() {
    KnownProvider known{{"h"}, {}};
    known.is.status = domain::ProviderStatus::approved;
    known.is.farms.push_back({{"7"}, std::nullopt, {0}, "42"});
    return known;
}

domain::Node listed(const GridNode& as_shown) {
    domain::Node node;
    node.listing = domain::NodeListing::registered;
    node.provider = {"h"};
    node.farm = {std::to_string(as_shown.farm)};
    node.certified = as_shown.certification == "Certified";
    node.capacity = size_of(as_shown, {{as_shown}, {}, 0});
    return node;
}

// The grid shows `listing`; here stands 11, if anything.
Commands news(const GridListing& listing, const KnownProvider& provider,
              const std::optional<domain::Node>& node_11 = {}) {
    return node_news(
        listing, {&provider, 1},
        [&](const domain::NodeId& id) {
            return id.value == "11" ? node_11 : std::optional<domain::Node>{};
        },
        now);
}

TEST(GridNews, a_node_of_a_proved_farm_is_registered_and_no_more) {
    const auto commands = news({{machine(11)}, {farm(7, 42, 3)}, 0}, provider_h());
    ASSERT_THAT(commands, SizeIs(1));
    EXPECT_EQ(commands[0].stream, "node-11");
    const auto is = as<domain::RegisterNode>(commands[0]);
    ASSERT_TRUE(is);
    EXPECT_EQ(is->provider.value, "h");
    EXPECT_EQ(is->farm.value, "7");
    EXPECT_EQ(is->country, "BE");
    EXPECT_EQ(is->capacity, (domain::Resources{16, 64, 1000, 0, 0, 3}));
    // The domain takes it, and sells nothing of it before somebody has verified it.
    const auto decision = decide(domain::Node{}, domain::NodeCommand{*is}, now);
    ASSERT_TRUE(decision);
    const auto node = evolve(domain::Node{}, decision->front());
    EXPECT_FALSE(offer_of(node, {"11"}, 0, now).available);
}

TEST(GridNews, what_nobody_has_proved_stays_outside) {
    KnownProvider claims_only = provider_h();
    claims_only.is.farms[0].twin.reset();
    EXPECT_THAT(news({{machine(11)}, {}, 0}, claims_only), IsEmpty());
    KnownProvider suspended = provider_h();
    suspended.is.status = domain::ProviderStatus::suspended;
    EXPECT_THAT(news({{machine(11)}, {}, 0}, suspended), IsEmpty());
    EXPECT_THAT(news({{machine(11, 8)}, {}, 0}, provider_h()), IsEmpty());
}

TEST(GridNews, what_cannot_be_deployed_on_is_not_registered) {
    GridNode rented = machine(11), dedicated = machine(12), down = machine(13), sick = machine(14);
    rented.rented = true;
    rented.rented_by = 99;
    dedicated.in_dedicated_farm = true;
    down.status = "down";
    sick.healthy = false;
    EXPECT_THAT(news({{rented, dedicated, down, sick}, {}, 42}, provider_h()), IsEmpty());
}

TEST(GridNews, a_node_that_we_rent_is_ours_with_its_cards) {
    GridNode node = machine(11);
    node.rented = true;
    node.rented_by = 42;
    node.gpu_count = 2;
    EXPECT_EQ(size_of(node, {{node}, {}, 42}).gpus, 2U);
    EXPECT_EQ(size_of(node, {{node}, {}, 0}), domain::Resources{});
    node.rented = false;
    EXPECT_EQ(size_of(node, {{node}, {}, 42}).gpus, 0U) << "cards need the whole node";
}

TEST(GridNews, a_farms_addresses_are_shared_out_among_its_nodes) {
    const GridListing listing{{machine(12), machine(11), machine(31, 9)}, {farm(7, 42, 3)}, 0};
    EXPECT_EQ(size_of(listing.nodes[1], listing).public_ips, 2U);
    EXPECT_EQ(size_of(listing.nodes[0], listing).public_ips, 1U);
    EXPECT_EQ(size_of(listing.nodes[2], listing).public_ips, 0U);
}

TEST(GridNews, what_is_known_is_not_told_again) {
    const GridNode node = machine(11);
    EXPECT_THAT(news({{node}, {farm(7, 42)}, 0}, provider_h(), listed(node)), IsEmpty());
}

TEST(GridNews, another_size_is_told_with_the_time_of_its_report) {
    GridNode node = machine(11);
    auto known = listed(node);
    node.capacity.mru = 128;
    auto commands = news({{node}, {}, 0}, provider_h(), known);
    ASSERT_THAT(commands, SizeIs(1));
    const auto is = as<domain::RecordCapacity>(commands[0]);
    ASSERT_TRUE(is);
    EXPECT_EQ(is->capacity.mru, 128U);
    EXPECT_EQ(is->observed.milliseconds, reported * 1000);
    EXPECT_FALSE(is->safety_margin) << "that is the provider's";
    known.capacity_observed = domain::Time{reported * 1000 + 1};
    EXPECT_THAT(news({{node}, {}, 0}, provider_h(), known), IsEmpty())
        << "older than what is known";
}

TEST(GridNews, probes_are_told_until_it_is_down_and_when_it_comes_back) {
    GridNode node = machine(11);
    auto known = listed(node);
    node.status = "standby";
    for (const auto condition : {domain::NodeCondition::up, domain::NodeCondition::suspect}) {
        known.condition = condition;
        const auto commands = news({{node}, {}, 0}, provider_h(), known);
        ASSERT_THAT(commands, SizeIs(1));
        const auto is = as<domain::RecordProbe>(commands[0]);
        ASSERT_TRUE(is);
        EXPECT_FALSE(is->reachable);
        EXPECT_EQ(is->probed, now);
        EXPECT_EQ(is->detail, "standby");
    }
    known.condition = domain::NodeCondition::down;
    EXPECT_THAT(news({{node}, {}, 0}, provider_h(), known), IsEmpty());
    node.status = "up";
    EXPECT_TRUE(
        as<domain::RecordProbe>(news({{node}, {}, 0}, provider_h(), known).at(0))->reachable);
}

TEST(GridNews, what_left_its_provider_or_its_farm_is_left_alone) {
    GridNode node = machine(11);
    auto known = listed(node);
    node.status = "down";
    known.listing = domain::NodeListing::retired;
    EXPECT_THAT(news({{node}, {}, 0}, provider_h(), known), IsEmpty());
    known = listed(node);
    known.farm = {"8"};
    EXPECT_THAT(news({{node}, {}, 0}, provider_h(), known), IsEmpty());
    known = listed(node);
    known.provider = {"posted by hand"};
    EXPECT_THAT(news({{node}, {}, 0}, provider_h(), known), IsEmpty());
}

TEST(GridNews, a_farm_with_another_owner_is_told_with_the_nodes_that_stand_here) {
    const GridNode node = machine(11);
    const auto commands = news({{node, machine(12)}, {farm(7, 43)}, 0}, provider_h(), listed(node));
    ASSERT_THAT(commands, SizeIs(1)) << "12 does not come in under the old owner";
    EXPECT_EQ(commands[0].stream, "provider-h");
    const auto is = as<domain::RecordFarmOwner>(commands[0]);
    ASSERT_TRUE(is);
    EXPECT_EQ(is->twin, "43");
    EXPECT_THAT(is->nodes, ElementsAre(domain::NodeId{"11"}));
}

constexpr const char* answer =
    R"({"tft":10,"policy":{"id":1,"cu":305600,"su":194400,"ipu":69400,"unique_name":2500}})";

TEST(GridNews, prices_are_read_strictly) {
    const GridPrices prices = read_prices(answer);
    EXPECT_EQ(prices.tft, 10);
    EXPECT_EQ(prices.policy, (domain::PricingPolicy{"1", 305600, 194400, 69400, 2500}));
    const GridPrices none = read_prices(R"({"tft":null,"policy":null})");
    EXPECT_FALSE(none.tft || none.policy);
    for (const char* body : {"", "[]", R"({"tft":"10","policy":null})", R"({"tft":1,"policy":{}})",
                             R"({"tft":1,"policy":7})"})
        EXPECT_THROW(read_prices(body), std::runtime_error) << body;
}

TEST(GridNews, a_price_is_told_when_it_changes_and_before_it_is_stale) {
    const GridPrices prices = read_prices(answer);
    EXPECT_THAT(price_news(prices, {}, now), SizeIs(2));
    domain::MarketData known;
    known.tft_price = 10;
    known.policy = prices.policy;
    known.observed = {now.milliseconds - price_told_every.count() + 1};
    EXPECT_THAT(price_news(prices, known, now), IsEmpty());
    known.observed = {now.milliseconds - price_told_every.count()};
    ASSERT_THAT(price_news(prices, known, now), SizeIs(1));
    EXPECT_EQ(as<domain::RecordTftPrice>(price_news(prices, known, now)[0])->observed, now);
    known.observed = {now.milliseconds - 1};
    known.tft_price = 11;
    EXPECT_THAT(price_news(prices, known, now), SizeIs(1));
    known.observed = now;
    EXPECT_THAT(price_news(prices, known, now), IsEmpty()) << "nothing newer is known";
    EXPECT_THAT(price_news({}, {}, now), IsEmpty());
}

TEST(GridNews, countries_are_found_by_their_names_in_use) {
    EXPECT_EQ(country_code("Belgium"), "BE");
    EXPECT_EQ(country_code("BE"), "BE");
    EXPECT_EQ(country_code("United States"), "US");
    EXPECT_EQ(country_code("South Korea"), "KR");
    EXPECT_EQ(country_code("Zimbabwe"), "ZW");
    EXPECT_EQ(country_code("Andorra"), "AD");
    for (const char* nowhere : {"", "belgium", "Atlantis", "B", "Belg", "XX"})
        EXPECT_EQ(country_code(nowhere), "") << nowhere;
}

} // namespace
