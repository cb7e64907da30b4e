// What we ask of the grid and what we think it costs, for the grid's own client to judge. A line
// of JSON each, of random sizes; the same lines in every run.
//
//   grid_cases APPLICATION...        {"deployment": ...}  POST /v1/deployments
//                                    {"resize": ...}      PUT /v1/deployments/{name}
//                                    {"name": ...}        POST /v1/names
//                                    {"units": ...}       resources and their cloud units

#include "domain/deployment_parts.hpp"
#include "domain/pricing.hpp"
#include "gateways/tfgrid/tasks.hpp"
#include "gateways/tfgrid/translate.hpp"

#include <boost/json.hpp>

#include <cstdio>
#include <exception>
#include <random>

namespace {

namespace json = boost::json;
using namespace gateways::tfgrid;

constexpr int deployments_each = 60, names_count = 200, units_count = 5000;

class Dice {
public:
    // Small numbers as often as large ones, since the limits are among them.
    std::uint64_t below(std::uint64_t most) {
        const std::uint64_t top = std::uniform_int_distribution<std::uint64_t>{1, most}(engine_);
        return std::uniform_int_distribution<std::uint64_t>{0, top - 1}(engine_);
    }
    std::uint32_t between(std::uint32_t least, std::uint32_t most) {
        return least + static_cast<std::uint32_t>(below(most - least + 1));
    }
    std::string letters(std::string_view from, std::size_t count) {
        std::string word;
        while (word.size() < count)
            word += from[std::uniform_int_distribution<std::size_t>{0, from.size() - 1}(engine_)];
        return word;
    }

private:
    std::mt19937_64 engine_{20261121};
};

void print(const char* kind, json::value value) {
    std::puts(json::serialize(json::object{{kind, std::move(value)}}).c_str());
}

domain::WorkloadPlacement place(Dice& dice) {
    domain::WorkloadPlacement place;
    place.attempt = dice.between(1, 5);
    place.node = {std::to_string(dice.between(1, 100'000))};
    place.farm = {std::to_string(dice.between(1, 5000))};
    place.resources = {dice.between(1, 32), dice.between(1, 256), dice.between(3, 10'240), 0, 0,
                       dice.between(0, 1)};
    return place;
}

// What is sent when the look at what is there was answered with this.
json::value asked(const Effect& effect, const GridAnswer& look) {
    const Terms terms{"gent01.grid.tf", "a secret of this marketplace"};
    Progress progress;
    Verdict verdict = begin(effect, progress, terms, {});
    verdict = conclude(effect, progress, look, terms, {});
    return json::parse(std::get<Ask>(verdict).request.body);
}

GridAnswer nothing_there() {
    return {true, 404, R"({"code":"not_found","message":"there is none","retryable":false})", {}};
}

std::string id(Dice& dice) { return dice.letters("0123456789abcdef", 32); }

void print_deployment(Dice& dice, const std::string& application) {
    domain::AttemptStarted attempt;
    attempt.place = place(dice);
    attempt.grid_name = domain::grid_name({id(dice)}, attempt.place.role, attempt.place.attempt);
    attempt.ssh_key = "ssh-ed25519 " + dice.letters("ABCDabcd0123+/", 68) + " me@home";
    attempt.application = application;
    attempt.web_name = dice.letters("abcxyz019", dice.between(1, 35));
    print("deployment", asked({"deployment-" + id(dice), attempt}, nothing_there()));
}

void print_resize(Dice& dice) {
    domain::ResizeRequested resize;
    domain::ServingWorkload workload;
    workload.place = place(dice);
    workload.grid_name = "d1p1";
    resize.workloads.push_back(workload);
    const json::object view{
        {"state", "ready"}, {"version", 3}, {"resources", render(domain::Resources{})}};
    print("resize", asked({"deployment-d1", resize}, {true, 200, json::serialize(view), {}}));
}

// Every name that a customer may ask for.
void print_name(Dice& dice) {
    domain::DomainRequested requested;
    do
        requested.domain.label =
            dice.letters("abcdefghijklmnopqrstuvwxyz0123456789-", dice.between(1, 63));
    while (!domain::is_domain_label(*requested.domain.label));
    requested.target.address = dice.between(0, 1) == 0 ? "185.206.122.33" : "5c9:2a1f::7";
    requested.target.port = static_cast<std::uint16_t>(dice.between(1, 65'535));
    print("name", asked({"deployment-d1", requested}, nothing_there()));
}

void print_units(Dice& dice) {
    const domain::Resources resources{dice.between(0, 512),
                                      dice.between(0, 16'384),
                                      dice.between(0, 1'000'000),
                                      dice.between(0, 1'000'000),
                                      0,
                                      0};
    const domain::CloudUnits units = domain::cloud_units(resources);
    print("units", json::object{{"resources", render(resources)},
                                {"compute_eighths", units.compute_eighths},
                                {"storage_1200ths", units.storage_1200ths}});
}

} // namespace

int main(int count, char** arguments) {
    try {
        Dice dice;
        for (int i = 1; i < count; ++i)
            for (int each = 0; each < deployments_each; ++each)
                print_deployment(dice, arguments[i]);
        for (int i = 0; i < names_count; ++i) {
            print_resize(dice);
            print_name(dice);
        }
        for (int i = 0; i < units_count; ++i)
            print_units(dice);
    } catch (const std::exception& fault) {
        std::fprintf(stderr, "%s\n", fault.what());
        return 1;
    }
}
