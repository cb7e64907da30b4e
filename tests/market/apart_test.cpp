// Nobody reads or changes what belongs to another tenant, or to somebody else of the own one:
// every route there is, in every role. A route that has no rule here fails.

#include "bus/embedded/embedded.hpp"
#include "gateways/market/orders.hpp"
#include "gateways/market/routes.hpp"
#include "tests/market/running_market.hpp"
#include "tests/market/seeded_log.hpp"

#include <gmock/gmock.h>

namespace tests {

namespace {

namespace market = gateways::market;
using market::Route;

constexpr std::array all_roles{Roles::cloud_user, Roles::cloud_provider, Roles::cloud_operator,
                               Roles::service, Roles::auditor};
constexpr Roles people = Roles::cloud_user | Roles::cloud_provider;

bool has(Roles roles, Roles role) { return (roles & role) != Roles::none; }

// A body that is of the command's form, for each type.
std::map<std::string, std::string, std::less<>> command_bodies() {
    std::map<std::string, std::string, std::less<>> bodies;
    boost::mp11::mp_for_each<
        boost::mp11::mp_transform<boost::mp11::mp_identity, schemas::Aggregates>>([&](auto type) {
        using Command = typename decltype(type)::type::Command;
        boost::mp11::mp_for_each<boost::mp11::mp_iota_c<std::variant_size_v<Command>>>(
            [&](auto at) {
                const Command command{std::in_place_index<at>};
                schemas::write_data(command, bodies[std::string{schemas::type_of(command)}]);
            });
    });
    return bodies;
}

// What a caller is answered about a resource that is not his.
unsigned expected_of(const Route& route, Roles role) {
    if (!has(route.roles, role)) return 403;
    // An account has its subject's name, and nobody registers for somebody else.
    if (route.command != nullptr && route.command->type == "account.register" && has(people, role))
        return 403;
    return 404;
}

class ApartTest : public testing::Test {
protected:
    using Rule = std::function<void(const Route&)>;

    static Person stranger(Roles role, std::string subject) {
        return {std::move(subject), role, "other", true};
    }
    static Person neighbour(Roles role) { return {"mallory", role, "acme", true}; }
    static Person staff() { return {"staff", Roles::cloud_operator, "acme", true}; }

    std::string owner_of(const Route& route) const {
        const std::string_view name =
            route.command != nullptr ? route.command->type.substr(0, route.command->type.find('.'))
                                     : route.resource->aggregate;
        const auto found = owners_.find(name);
        EXPECT_NE(found, owners_.end()) << name << " is not in the seeded log";
        const bool owned = found != owners_.end() && !found->second.empty();
        return owned ? found->second : "somebody";
    }

    std::string key() { return "k" + std::to_string(++key_); }

    // The seeded one, whatever the route calls it.
    static std::string path_of(const Route& route) {
        const auto open = route.path.find('{');
        if (open == std::string::npos) return route.path;
        const auto close = route.path.find('}');
        const bool account = route.path.substr(open, close + 1 - open) == "{account}";
        return route.path.substr(0, open) + (account ? "receivable:user-a" : "1") +
               route.path.substr(close + 1);
    }

    Response ask(const Person& who, const Route& route) {
        const std::string path = path_of(route);
        if (route.command == nullptr) return market_.get(who, path);
        return market_.post(who, path, key(), bodies_.at(std::string{route.command->type}));
    }

    void command_rule(const Route& route) {
        for (const Roles role : all_roles) {
            EXPECT_EQ(ask(stranger(role, owner_of(route)), route).status(),
                      expected_of(route, role));
            if (has(people, role)) {
                EXPECT_EQ(ask(neighbour(role), route).status(), expected_of(route, role));
            }
        }
        EXPECT_EQ(ask({"auditor", Roles::auditor, "acme", true}, route).status(), 403u);
    }

    void read_rule(const Route& route) {
        for (const Roles role : all_roles) {
            const std::string owner = owner_of(route);
            EXPECT_EQ(ask(stranger(role, owner), route).status(), expected_of(route, role));
            if (has(people, role)) {
                const bool catalogue = has(route.resource->all, role);
                EXPECT_EQ(ask(neighbour(role), route).status(),
                          catalogue ? 200u : expected_of(route, role));
            }
        }
        EXPECT_EQ(ask(staff(), route).status(), 200u) << "it is there";
    }

    void list_rule(const Route& route) {
        const std::string others = route.path + "?limit=100", owner = owner_of(route);
        const auto empty = [&](const Person& who, const std::string& path, bool allowed) {
            const Response answer = market_.get(who, path);
            EXPECT_EQ(answer.status(), allowed ? 200u : 403u) << path;
            EXPECT_EQ(answer.at("/data"), allowed ? "[]" : "") << path;
        };
        for (const Roles role : all_roles) {
            const bool allowed = has(route.roles, role);
            empty(stranger(role, owner), others, allowed);
            if (!has(people, role) || has(route.resource->all, role)) continue;
            empty(neighbour(role), others, allowed);
            if (route.own != Roles::none)
                empty(neighbour(role), others + "&owner=" + owner, allowed);
        }
        EXPECT_EQ(market_.get(staff(), others).at("/data/0/id"), "1") << "it is there";
    }

    // What is made is the maker's tenant's alone.
    void made_apart(const Route& route, const std::string& body) {
        const Person maker{"robot", Roles::service, "third"};
        const Response made = market_.post(maker, route.path, key(), body);
        ASSERT_EQ(made.status(), 201u) << made.http.body;
        const std::string position = made.at("/position");
        const std::string path{made.header("Location")};
        EXPECT_EQ(market_.get(staff(), path, {{"Min-Position", position}}).status(), 404u);
        EXPECT_EQ(market_.get(maker, path).status(), 200u);
    }

    void payments_rule(const Route& route) {
        const std::string body = R"({"payer":"user-a","amount":{"minor":100,"currency":"USD"}})";
        EXPECT_EQ(market_.post(neighbour(Roles::cloud_user), route.path, key(), body).at("/code"),
                  "payer_is_not_the_caller");
        made_apart(route, body);
    }

    void dashboards_rule(const Route& route) {
        made_apart(route, R"({"owner":"x","name":"other","role_held":true,"name_taken":false})");
    }

    void quotes_rule(const Route& route) {
        const std::string body = R"({"dashboard":"1","plan":"p"})";
        for (const Roles role : all_roles)
            EXPECT_EQ(market_.post(stranger(role, "user-a"), route.path, "", body).status(),
                      has(route.roles, role) ? 404u : 403u);
        EXPECT_EQ(market_
                      .post(neighbour(Roles::cloud_user), route.path, "",
                            R"({"dashboard":"1","plan":"p","account":"user-a"})")
                      .at("/code"),
                  "account_is_not_the_callers");
    }

    void orders_rule(const Route& route) {
        domain::QuoteTerms terms;
        terms.id = {"q1"};
        terms.dashboard = {"1"};
        terms.account = {"user-a"};
        const market::Seal seal{market_.folder() / "quote.key"};
        std::string text;
        schemas::write(terms, text);
        const std::string body =
            R"({"quote":")" + seal.seal("quote", text) + R"(","name":"n","ssh_key":"k"})";
        for (const Roles role : all_roles)
            EXPECT_EQ(market_.post(stranger(role, "user-a"), route.path, key(), body).status(),
                      has(route.roles, role) ? 404u : 403u);
        EXPECT_EQ(market_.post(neighbour(Roles::cloud_user), route.path, key(), body).at("/code"),
                  "quote_is_another_accounts");
        EXPECT_EQ(market_.get(staff(), "/v1/deployments/q1").status(), 404u);
    }

    // A command of a batch is refused as it is alone.
    void batch_rule(const Route& route) {
        std::vector<const Route*> commands;
        for (const Route& one : market::all_routes())
            if (one.command != nullptr && !one.command->verb.empty()) commands.push_back(&one);
        const auto refused = [&](const Person& who, Roles role) {
            std::string body = R"({"commands":[)";
            for (const Route* one : commands) {
                if (body.back() == '}') body.push_back(',');
                body += R"({"id":"1","key":")" + key() + R"(","type":")" +
                        std::string{one->command->type} + R"(","data":)" +
                        bodies_.at(std::string{one->command->type}) + "}";
            }
            const Response answer = market_.post(who, route.path, "", body + "]}");
            ASSERT_EQ(answer.status(), 200u) << answer.http.body;
            for (std::size_t i = 0; i < commands.size(); ++i)
                EXPECT_EQ(answer.at("/answers/" + std::to_string(i) + "/status"),
                          std::to_string(expected_of(*commands[i], role)))
                    << commands[i]->command->type;
        };
        for (const Roles role : all_roles)
            refused(stranger(role, "user-a"), role);
        for (const Roles role : {Roles::cloud_user, Roles::cloud_provider})
            refused(neighbour(role), role);
    }

    // One thing that is somebody's, beside its resource.
    void part_rule(const Route& route) {
        const auto ask_for = [&](const Person& who) {
            const std::string path = path_of(route);
            return route.method == http::Verb::post ? market_.post(who, path, key(), "{}")
                                                    : market_.get(who, path);
        };
        for (const Roles role : all_roles) {
            const unsigned expected = has(route.roles, role) ? 404u : 403u;
            EXPECT_EQ(ask_for(stranger(role, "user-a")).status(), expected);
            if (has(people, role)) {
                EXPECT_EQ(ask_for(neighbour(role)).status(), expected);
            }
        }
    }

    // A tenant's own, and empty for another one; `shared` is all people's of the tenant.
    void view_rule(const Route& route, bool shared) {
        for (const Roles role : all_roles) {
            const bool allowed = has(route.roles, role);
            std::vector<Person> askers{stranger(role, "user-a")};
            if (has(people, role) && !shared) askers.push_back(neighbour(role));
            for (const Person& who : askers) {
                const Response answer = market_.get(who, route.path);
                EXPECT_EQ(answer.status(), allowed ? 200u : 403u);
                EXPECT_EQ(answer.at("/data"), allowed ? "[]" : "");
            }
        }
    }

    // Whoever has no link, and Stripe's key as little.
    void sealed_rule(const Route& route) {
        const std::string url = market_.url() + path_of(route);
        const auto answer =
            route.method == http::Verb::post
                ? http::post(url, "{}", {},
                             std::vector<http::Header>{{"Content-Type", "application/json"},
                                                       {"Idempotency-Key", key()}})
                : http::get(url, {});
        ASSERT_TRUE(answer);
        EXPECT_GE(answer->status, 400u);
        EXPECT_LT(answer->status, 500u);
    }

    // Says nothing of anybody.
    void open_rule(const Route& route) {
        const Response answer = market_.request_plain(route.path);
        EXPECT_EQ(answer.status(), 200u);
        EXPECT_EQ(answer.http.body.find("acme\""), std::string::npos);
    }

    const std::map<std::string, Rule> rules_{
        {"/v1/payments", [this](const Route& route) { payments_rule(route); }},
        {"/v1/dashboards", [this](const Route& route) { dashboards_rule(route); }},
        {"/v1/quotes", [this](const Route& route) { quotes_rule(route); }},
        {"/v1/deployments", [this](const Route& route) { orders_rule(route); }},
        {"/v1/commands", [this](const Route& route) { batch_rule(route); }},
        {"/v1/ledger/accounts", [this](const Route& route) { view_rule(route, false); }},
        {"/v1/ledger/accounts/{account}/entries", [this](const Route& route) { part_rule(route); }},
        {"/v1/ledger/trial-balance", [this](const Route& route) { view_rule(route, false); }},
        {"/v1/nodes", [this](const Route& route) { view_rule(route, true); }},
        // Who hears what is market_events_test.cpp's.
        {"/v1/events", [](const Route& route) { EXPECT_NE(route.own, Roles::none); }},
        {"/v1/invoices/{id}/page", [this](const Route& route) { part_rule(route); }},
        {"/v1/deployments/{id}/access", [this](const Route& route) { part_rule(route); }},
        {"/v1/payments/{id}/pay-link", [this](const Route& route) { part_rule(route); }},
        {"/v1/pay/{payment}", [this](const Route& route) { sealed_rule(route); }},
        {"/v1/pay/{payment}/confirm", [this](const Route& route) { sealed_rule(route); }},
        {"/v1/webhooks/stripe", [this](const Route& route) { sealed_rule(route); }},
        {"/livez", [this](const Route& route) { open_rule(route); }},
        {"/readyz", [this](const Route& route) { open_rule(route); }},
        {"/metrics", [this](const Route& route) { open_rule(route); }},
        {"/v1/openapi.json",
         [this](const Route& route) {
             EXPECT_EQ(market_.request_plain(route.path).status(), 200u);
         }},
    };

    SeededOwners owners_;
    RunningMarket market_{[this](const std::filesystem::path& data) {
        owners_ = seed_log(data / "log", RunningMarket::partitions, "acme");
    }};
    const std::map<std::string, std::string, std::less<>> bodies_ = command_bodies();
    int key_ = 0;
};

TEST_F(ApartTest, EveryRouteRefusesWhatIsSomebodyElses) {
    for (const Route& route : market::all_routes()) {
        SCOPED_TRACE(
            (route.command != nullptr || route.method == http::Verb::post ? "POST " : "GET ") +
            route.path);
        const bool names_one = route.path.find('{') != std::string::npos;
        switch (route.kind) {
        case Route::Kind::one:
        case Route::Kind::events: read_rule(route); continue;
        case Route::Kind::list: list_rule(route); continue;
        case Route::Kind::command:
            if (names_one) {
                command_rule(route);
                continue;
            }
            break;
        case Route::Kind::plain: break;
        }
        const auto rule = rules_.find(route.path);
        if (rule == rules_.end()) {
            ADD_FAILURE() << "no rule says whose it is";
            continue;
        }
        rule->second(route);
    }

    market_.stop();
    std::map<std::string, int, std::less<>> records;
    const auto log = bus::embedded::open({.folder = market_.folder() / "log", .read_only = true});
    for (int partition = 0; partition < log->partitions(); ++partition) {
        const auto reader = log->read(bus::Topic::events, {{partition, 0}});
        while (reader->position().front().offset < log->end(bus::Topic::events, partition))
            for (const bus::Record& record : reader->read(1 << 20, bus::milliseconds{1000}))
                ++records[std::string{record.key}];
    }
    for (const auto& [name, owner] : owners_)
        EXPECT_EQ(records[name + "-1"], 1) << "nothing was written to it";
}

TEST_F(ApartTest, WithoutATokenThereIsNothing) {
    for (const Route& route : market::all_routes()) {
        if (route.roles == Roles::none) continue;
        const std::string path = path_of(route);
        const auto answer =
            route.method == http::Verb::post
                ? http::post(market_.url() + path, "{}", {},
                             std::vector<http::Header>{{"Content-Type", "application/json"},
                                                       {"Idempotency-Key", "k"}})
                : http::get(market_.url() + path, {});
        ASSERT_TRUE(answer) << path;
        EXPECT_EQ(answer->status, 401u) << path;
    }
}

} // namespace

} // namespace tests
