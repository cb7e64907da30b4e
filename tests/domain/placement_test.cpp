// Which nodes a deployment may take, in which order, and which it takes.

#include "domain/placement.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace domain {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const DashboardId shop{"operator-t"};
const PlacementPolicy even{1, 1, 1};

constexpr Resources machine(std::uint32_t cru, std::uint64_t mru, std::uint64_t sru) {
    return {cru, mru, sru, 0, 0, 0};
}
const std::vector<Workload> alone{{WorkloadRole::primary, machine(2, 4, 50)}};
const std::vector<Workload> with_backup{{WorkloadRole::primary, machine(2, 4, 50)},
                                        {WorkloadRole::backup, machine(2, 4, 50)}};

NodeOffer offer(std::string node, std::string farm = "7", std::string country = "BE") {
    NodeOffer one;
    one.node = {std::move(node)};
    one.farm = {std::move(farm)};
    one.provider = {"provider-h"};
    one.country = std::move(country);
    one.region = "Europe";
    one.city = "Ghent";
    one.available = true;
    one.capacity = {16, 64, 1000, 2000, 1, 4};
    one.free = one.capacity;
    one.dashboards = {{"elsewhere"}, shop};
    return one;
}

std::vector<std::string> nodes(const std::vector<Candidate>& list) {
    std::vector<std::string> names;
    for (const Candidate& candidate : list)
        names.push_back(candidate.node.value);
    return names;
}

std::vector<std::string> best(const std::vector<NodeOffer>& offers,
                              const PlacementFilter& filter = {},
                              const PlacementPolicy& policy = even,
                              std::size_t limit = candidates_max,
                              const std::vector<Workload>& workloads = alone) {
    return nodes(candidates(offers, shop, workloads, filter, policy, limit));
}

// One node as it is, and one changed.
template <class Change>
std::vector<NodeOffer> changed(Change change) {
    std::vector<NodeOffer> offers{offer("1"), offer("2")};
    change(offers.front());
    return offers;
}

TEST(Candidates, CarryTheirFarmAndCountry) {
    const auto list =
        candidates(std::vector{offer("11", "7", "BE")}, shop, alone, PlacementFilter{}, even);
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list.front(), (Candidate{{"11"}, {"7"}, "BE"}));
}

TEST(Candidates, AreInUseAndSoldAtTheDashboard) {
    EXPECT_THAT(best(changed([](auto& o) { o.available = false; })), ElementsAre("2"));
    EXPECT_THAT(best(changed([](auto& o) { o.condition = NodeCondition::suspect; })),
                ElementsAre("2"));
    EXPECT_THAT(best(changed([](auto& o) { o.condition = NodeCondition::down; })),
                ElementsAre("2"));
    EXPECT_THAT(best(changed([](auto& o) { o.dashboards = {{"elsewhere"}}; })), ElementsAre("2"));
    EXPECT_THAT(best(changed([](auto& o) { o.dashboards.clear(); })), ElementsAre("2"));
}

TEST(Candidates, HaveRoomForAnyOfTheWorkloads) {
    const std::vector<Workload> uneven{{WorkloadRole::primary, machine(2, 32, 10)},
                                       {WorkloadRole::backup, machine(8, 4, 500)}};
    const auto fits = [&](Resources free) {
        NodeOffer one = offer("1");
        one.free = free;
        return !best({one}, {}, even, 4, uneven).empty();
    };
    EXPECT_TRUE(fits(machine(8, 32, 500)));
    EXPECT_FALSE(fits(machine(7, 32, 500)));
    EXPECT_FALSE(fits(machine(8, 31, 500)));
    EXPECT_FALSE(fits(machine(8, 32, 499)));
    for (const auto& needed :
         {Resources{1, 1, 1, 2001, 0, 0}, Resources{1, 1, 1, 0, 2, 0}, Resources{1, 1, 1, 0, 0, 5}})
        EXPECT_THAT(best({offer("1")}, {}, even, 4, {{WorkloadRole::primary, needed}}), IsEmpty());
}

TEST(Filter, LetsThroughWhatItNames) {
    const auto passes = [](auto set, auto change) {
        PlacementFilter filter;
        set(filter);
        EXPECT_TRUE(is_valid(filter));
        EXPECT_FALSE(is_empty(filter));
        EXPECT_THAT(best(changed(change), filter), ElementsAre("1"));
    };
    passes([](auto& f) { f.regions = {"Asia", "Africa"}; }, [](auto& o) { o.region = "Africa"; });
    passes([](auto& f) { f.countries = {"DE"}; }, [](auto& o) { o.country = "DE"; });
    passes([](auto& f) { f.cities = {"Aalst"}; }, [](auto& o) { o.city = "Aalst"; });
    passes([](auto& f) { f.farms = {FarmId{"9"}}; }, [](auto& o) { o.farm = {"9"}; });
    passes([](auto& f) { f.nodes = {NodeId{"1"}}; }, [](auto&) {});
    passes([](auto& f) { f.certified = true; }, [](auto& o) { o.certified = true; });
    passes([](auto& f) { f.dedicated = true; }, [](auto& o) { o.dedicated = true; });
    passes([](auto& f) { f.own_nodes_of = {"provider-g"}; },
           [](auto& o) { o.provider = {"provider-g"}; });
    passes([](auto& f) { f.price_factor_max = 9'000; }, [](auto& o) { o.price_factor = 9'000; });
    passes([](auto& f) { f.free_at_least = machine(17, 1, 1); },
           [](auto& o) { o.free = machine(17, 64, 1000); });
}

TEST(Filter, AsksForAGraphicsCardOrAnAddress) {
    PlacementFilter filter;
    filter.gpu = true;
    EXPECT_THAT(best(changed([](auto& o) { o.free.gpus = 0; }), filter), ElementsAre("2"));
    filter = {};
    filter.ipv4 = true;
    EXPECT_THAT(best(changed([](auto& o) { o.free.public_ips = 0; }), filter), ElementsAre("2"));
    // What is not asked for is no matter.
    filter.ipv4 = false;
    filter.certified = false;
    EXPECT_THAT(best(changed([](auto& o) { o.free.public_ips = 0; }), filter), testing::SizeIs(2));
}

TEST(Filter, HasNoEmptyListsOrValues) {
    const auto invalid = [](auto set) {
        PlacementFilter filter;
        set(filter);
        return !is_valid(filter);
    };
    EXPECT_TRUE(is_valid(PlacementFilter{}) && is_empty(PlacementFilter{}));
    EXPECT_TRUE(invalid([](auto& f) { f.regions.emplace(); }));
    EXPECT_TRUE(invalid([](auto& f) { f.regions = {"Europe", ""}; }));
    EXPECT_TRUE(invalid([](auto& f) { f.cities = {""}; }));
    EXPECT_TRUE(invalid([](auto& f) { f.countries = {"Belgium"}; }));
    EXPECT_TRUE(invalid([](auto& f) { f.countries = {"be"}; }));
    EXPECT_TRUE(invalid([](auto& f) { f.farms = {FarmId{}}; }));
    EXPECT_TRUE(invalid([](auto& f) { f.nodes = {NodeId{}}; }));
    EXPECT_TRUE(invalid([](auto& f) { f.own_nodes_of = ProviderId{}; }));
    EXPECT_TRUE(invalid([](auto& f) { f.price_factor_max = 0; }));
    EXPECT_TRUE(invalid([](auto& f) { f.regions.emplace(filter_values_max + 1, "Europe"); }));
    EXPECT_FALSE(invalid([](auto& f) { f.regions.emplace(filter_values_max, "Europe"); }));
}

TEST(Order, IsByPriceHealthAndSpread) {
    EXPECT_THAT(best(changed([](auto& o) { o.price_factor = 12'500; })), ElementsAre("2", "1"));
    EXPECT_THAT(best(changed([](auto& o) { o.health = 9'000; })), ElementsAre("2", "1"));
    EXPECT_THAT(best(changed([](auto& o) { o.free.cru = 8; })), ElementsAre("2", "1"));
    EXPECT_THAT(best(changed([](auto& o) { o.free.hru = 1999; })), ElementsAre("2", "1"));
    // Healthier than perfect is perfect.
    EXPECT_THAT(best(changed([](auto& o) { o.health = 20'000; })), ElementsAre("1", "2"));
}

TEST(Order, WeighsAsTheDashboardSays) {
    // The first is dearer, the second is fuller.
    const auto offers = [] {
        auto list = changed([](auto& o) { o.price_factor = 11'000; });
        list.back().free.cru = 12;
        return list;
    }();
    EXPECT_THAT(best(offers, {}, {1, 0, 0}), ElementsAre("2", "1"));
    EXPECT_THAT(best(offers, {}, {0, 0, 1}), ElementsAre("1", "2"));
    EXPECT_THAT(best(offers, {}, {3, 0, 1}), ElementsAre("2", "1"));
    EXPECT_THAT(best(offers, {}, {2, 0, 1}), ElementsAre("1", "2"));
}

TEST(Order, OfEqualOnesIsByNumber) {
    std::vector<NodeOffer> offers{offer("31", "12", "FR"), offer("9", "3", "NL"),
                                  offer("100", "4", "IT"), offer("21", "9", "DE")};
    EXPECT_THAT(best(offers), ElementsAre("9", "21", "31", "100"));
    std::ranges::reverse(offers);
    EXPECT_THAT(best(offers), ElementsAre("9", "21", "31", "100"));
}

TEST(Candidates, LeaveHalfToOtherFarmsAndCountries) {
    std::vector<NodeOffer> offers;
    for (const char* node : {"1", "2", "3", "4", "5"})
        offers.push_back(offer(node, "7", "BE"));
    for (const char* node : {"6", "7"})
        offers.push_back(offer(node, "8", "BE"));
    offers.push_back(offer("8", "9", "DE"));
    // Two of farm 7 are the half, and so they are of Belgium; the other farm there comes next.
    EXPECT_THAT(best(offers, {}, even, 4), ElementsAre("1", "2", "6", "8"));
    EXPECT_THAT(best(offers, {}, even, 2), ElementsAre("1", "8"));
    EXPECT_THAT(best(offers, {}, even, 1), ElementsAre("1"));
    // Where there are no others, nothing is left empty.
    offers.resize(5);
    EXPECT_THAT(best(offers, {}, even, 4), ElementsAre("1", "2", "3", "4"));
    EXPECT_THAT(best(offers, {}, even, 9), testing::SizeIs(5));
    EXPECT_THAT(best(offers, {}, even, 0), IsEmpty());
}

std::vector<std::string> chosen(const std::vector<Candidate>& list,
                                const std::vector<Workload>& workloads = with_backup) {
    const auto choice = choose_nodes(list, workloads);
    if (!choice) return {};
    std::vector<std::string> names;
    for (const NodeChoice& one : *choice)
        names.push_back(one.candidate.node.value);
    return names;
}

TEST(Choice, ForOneRoleIsTheBest) {
    EXPECT_THAT(chosen({{{"11"}, {"7"}, "BE"}, {{"21"}, {"9"}, "DE"}}, alone), ElementsAre("11"));
    EXPECT_THAT(chosen({}, alone), IsEmpty());
    EXPECT_THAT(chosen({{{"11"}, {"7"}, "BE"}}, {}), IsEmpty());
}

TEST(Choice, PutsTheBackupOnAnotherFarmInAnotherCountry) {
    const Candidate a{{"11"}, {"7"}, "BE"}, same_farm{{"12"}, {"7"}, "BE"},
        same_country{{"13"}, {"8"}, "BE"}, abroad{{"21"}, {"9"}, "DE"}, unknown{{"22"}, {"10"}, ""};
    EXPECT_THAT(chosen({a, same_farm, same_country, abroad}), ElementsAre("11", "21"));
    EXPECT_THAT(chosen({a, same_farm, same_country}), ElementsAre("11", "13"));
    EXPECT_THAT(chosen({a, same_farm}), IsEmpty());
    EXPECT_THAT(chosen({a}), IsEmpty());
    // A country that is not told is none for sure.
    EXPECT_THAT(chosen({a, unknown, same_country}), ElementsAre("11", "22"));
    EXPECT_THAT(chosen({unknown, a, same_country, abroad}), ElementsAre("11", "21"));
    // The best may have to wait for a pair: no two share a country when any two need not.
    EXPECT_THAT(chosen({{{"1"}, {"7"}, "BE"}, {{"2"}, {"7"}, "DE"}, {{"3"}, {"8"}, "BE"}}),
                ElementsAre("2", "3"));
}

TEST(Choice, GivesEachRoleItsOwn) {
    const std::vector<Candidate> list{{{"11"}, {"7"}, "BE"}, {{"21"}, {"9"}, "DE"}};
    const std::vector<Workload> turned{with_backup[1], with_backup[0]};
    const auto choice = choose_nodes(list, turned);
    ASSERT_TRUE(choice);
    EXPECT_EQ(*choice, (std::vector<NodeChoice>{{WorkloadRole::backup, list[1]},
                                                {WorkloadRole::primary, list[0]}}));
}

// A grid of farms, each in one country, against a slow choice from all that fits.
class Grid {
public:
    explicit Grid(std::uint64_t seed) : random_{seed} {}

    std::int64_t draw(std::int64_t below) {
        return std::uniform_int_distribution<std::int64_t>{0, below - 1}(random_);
    }

    std::vector<NodeOffer> offers() {
        const std::int64_t count = draw(60), farms = 1 + draw(6), countries = 1 + draw(3);
        std::vector<NodeOffer> list;
        for (std::int64_t node = 0; node < count; ++node) {
            // The lower farms have the most.
            const std::int64_t farm = std::min(draw(farms), draw(farms));
            NodeOffer one = offer(std::to_string(node), std::to_string(farm),
                                  std::string{static_cast<char>('A' + farm % countries), 'X'});
            one.price_factor = 10'000 + static_cast<std::uint32_t>(farm * 500 + draw(3) * 100);
            one.health = 10'000 - static_cast<std::uint32_t>(draw(2) * 1'000);
            one.free.cru = static_cast<std::uint32_t>(1 + draw(16));
            one.certified = draw(3) == 0;
            list.push_back(std::move(one));
        }
        std::ranges::shuffle(list, random_);
        return list;
    }

private:
    std::mt19937_64 random_;
};

TEST(Placement, KeepsItsRulesOnAnyGrid) {
    int chosen_abroad = 0, chosen_at_home = 0, not_chosen = 0;
    for (std::uint64_t seed = 0; seed < 3'000 && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        Grid grid{seed};
        const auto offers = grid.offers();
        PlacementFilter filter;
        if (grid.draw(2) == 0) filter.certified = true;
        const std::size_t limit = 2 + static_cast<std::size_t>(grid.draw(20));

        std::vector<const NodeOffer*> fit;
        const auto cost = [](const NodeOffer& one) {
            return one.price_factor + (10'000 - one.health) + (16 - one.free.cru) * 10'000 / 16;
        };
        for (const NodeOffer& one : offers)
            if (one.free.cru >= 2 && (!filter.certified || one.certified)) fit.push_back(&one);
        const auto list = candidates(offers, shop, with_backup, filter, even, limit);
        EXPECT_EQ(list.size(), std::min(limit, fit.size()));

        std::set<std::string> names, farms_listed, farms;
        std::set<std::string> countries_listed, countries;
        for (const Candidate& candidate : list) {
            names.insert(candidate.node.value);
            farms_listed.insert(candidate.farm.value);
            countries_listed.insert(candidate.country);
        }
        EXPECT_EQ(names.size(), list.size());
        for (const NodeOffer* one : fit) {
            farms.insert(one->farm.value);
            countries.insert(one->country);
            if (names.contains(one->node.value)) continue;
            // Better than one that is listed: then its farm or its country has its share.
            std::size_t of_farm = 0, of_country = 0;
            for (const Candidate& candidate : list) {
                of_farm += candidate.farm == one->farm ? 1 : 0;
                of_country += candidate.country == one->country ? 1 : 0;
            }
            const bool better = std::ranges::any_of(fit, [&](const NodeOffer* other) {
                return names.contains(other->node.value) && cost(*one) < cost(*other);
            });
            EXPECT_TRUE(!better || of_farm >= limit / 2 || of_country >= limit / 2);
        }
        EXPECT_EQ(farms_listed.size() > 1, farms.size() > 1);
        EXPECT_EQ(countries_listed.size() > 1, countries.size() > 1);

        const auto choice = choose_nodes(list, with_backup);
        EXPECT_EQ(choice.has_value(), farms.size() > 1);
        if (!choice) {
            ++not_chosen;
            continue;
        }
        const Candidate &primary = choice->front().candidate, &backup = choice->back().candidate;
        EXPECT_NE(primary.farm, backup.farm);
        EXPECT_EQ(primary.country != backup.country, countries.size() > 1);
        ++(countries.size() > 1 ? chosen_abroad : chosen_at_home);
        // Any order of the offers gives the same.
        auto turned = offers;
        std::ranges::reverse(turned);
        EXPECT_EQ(candidates(turned, shop, with_backup, filter, even, limit), list);
    }
    EXPECT_GT(chosen_abroad, 100);
    EXPECT_GT(chosen_at_home, 100);
    EXPECT_GT(not_chosen, 100);
}

} // namespace

} // namespace domain
