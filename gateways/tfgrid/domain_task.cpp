// A name at a gateway. Names are one to an account, so one that is there and leads elsewhere is
// another deployment's, although the grid would hand it over.

#include "gateways/tfgrid/posted.hpp"
#include "gateways/tfgrid/tasks.hpp"

#include <boost/json.hpp>

namespace gateways::tfgrid {

namespace {

namespace json = boost::json;

class DomainTask final : public Task {
public:
    DomainTask(const Effect& effect, const domain::DomainRequested& what, Progress& progress,
               const Terms& terms, const Standing& standing)
        : Task{effect, progress, terms, standing}, what_{what} {}

    std::string_view contract_kind() const override { return "name"; }

    Verdict first() override {
        if (!what_.domain.label)
            return not_attached("own_name_not_served: gateways are asked for labels only");
        if (!what_.target.address)
            return not_attached("no_address: the workload has none that a gateway reaches");
        return look("/v1/names/" + *what_.domain.label);
    }

    Verdict found(const json::object& view) override {
        const auto there = texts_in(view, "backends");
        if (there.empty()) { // Its node does not tell, or not yet.
            const GridError error{"node_unreachable", "the gateway does not tell", true};
            if (auto again = node_is_away(error)) return *again;
            return not_attached(error.text());
        }
        if (there != wanted()) return not_attached("name_taken: it leads elsewhere");
        if (state_in(view) == "ready") return attached(view);
        return ask(); // The job waits for it.
    }

    Verdict missing() override {
        progress_.made_here = true;
        return ask();
    }

    Verdict done(const json::object& job) override {
        const json::object& view = object_in(job, "gateway");
        if (texts_in(view, "backends") != wanted()) {
            progress_.made_here = false;
            return not_attached("name_taken: it leads elsewhere");
        }
        if (state_in(view) != "ready") return Again{"the name is " + state_in(view)};
        return attached(view);
    }

    Verdict refused(const GridError& error, Sort) override { return not_attached(error.text()); }

    Commands news() const override {
        if (!ours()) return {};
        return {posted(effect_.stream, domain::RecordContract{std::nullopt,
                                                              std::nullopt,
                                                              {std::to_string(*progress_.contract)},
                                                              domain::ContractKind::name})};
    }

private:
    bool ours() const { return progress_.contract && progress_.made_here; }

    std::vector<std::string> wanted() const {
        return {backend(*what_.target.address, what_.target.port)};
    }

    Verdict ask() {
        const json::value body =
            json::object{{"name", *what_.domain.label}, {"backends", json::value_from(wanted())}};
        return change(http::Verb::post, "/v1/names", &body);
    }

    Verdict attached(const json::object& view) {
        const auto contract = number_in(view, "contract");
        if (!contract) return Again{"the name has no contract"};
        return Conclude{{posted(effect_.stream,
                                domain::RecordDomain{what_.number, true,
                                                     domain::ContractId{std::to_string(*contract)},
                                                     text_in(view, "fqdn"), std::nullopt})}};
    }

    Verdict not_attached(const std::string& reason) {
        domain::RecordDomain command{what_.number, false, std::nullopt, std::nullopt, reason};
        if (ours()) command.contract = domain::ContractId{std::to_string(*progress_.contract)};
        return Conclude{{posted(effect_.stream, command)}};
    }

    const domain::DomainRequested& what_;
};

} // namespace

std::unique_ptr<Task> domain_task(const Effect& effect, const domain::DomainRequested& what,
                                  Progress& progress, const Terms& terms,
                                  const Standing& standing) {
    return std::make_unique<DomainTask>(effect, what, progress, terms, standing);
}

} // namespace gateways::tfgrid
