#include "gateways/tfgrid/effects.hpp"

#include "schemas/messages.hpp"

#include <stdexcept>

namespace gateways::tfgrid {

namespace {

using namespace domain;
using Openings = std::vector<projections::TodoFold::Opening>;

class Opener {
public:
    Opener(const schemas::EventView& event, const DeploymentEvent& decoded, Openings& openings)
        : event_{event}, decoded_{decoded}, openings_{openings} {}

    void operator()(const AttemptStarted&) const { whole("deploy"); }
    void operator()(const DomainRequested&) const { whole("domain"); }
    void operator()(const RestartRequested&) const { whole("restart"); }
    void operator()(const ResizeRequested&) const { whole("resize"); }
    void operator()(const DeploymentSuspended&) const { whole("access"); }
    void operator()(const DeploymentResumed&) const { whole("access"); }
    void operator()(const ContractReleaseRequested& is) const { release(is.contract); }
    void operator()(const WorkloadFailed& is) const {
        if (is.contract) release(*is.contract);
    }
    void operator()(const DeploymentFailed& is) const { release(is.give_back.contracts); }
    void operator()(const CancellationRequested& is) const { release(is.give_back.contracts); }
    void operator()(const BackupRemoved& is) const { release(is.contract); }
    void operator()(const DomainRefused& is) const {
        if (is.contract) release(*is.contract);
    }
    void operator()(const OrphanContractFound& is) const { release(is.contract); }
    // The others ask nothing of the grid. A contract of a workload is made by the job that deploys.
    template <class Event>
    void operator()(const Event&) const {}

private:
    void whole(std::string step) const {
        std::string data;
        schemas::write_data(decoded_, data);
        openings_.push_back(
            {std::move(step), std::string{event_.type}, std::move(data), event_.time});
    }
    void release(const GridContract& contract) const {
        std::string data;
        schemas::write(contract, data);
        openings_.push_back({"release." + contract.contract.value, std::string{Release::kind},
                             std::move(data), event_.time});
    }
    void release(const std::vector<GridContract>& contracts) const {
        for (const GridContract& one : contracts)
            release(one);
    }

    const schemas::EventView& event_;
    const DeploymentEvent& decoded_;
    Openings& openings_;
};

[[noreturn]] void unreadable(const projections::TodoItem& item, const schemas::DecodeError& error) {
    throw std::runtime_error{item.kind + " cannot be read: " + error.where + " " + error.problem};
}

} // namespace

void GridTodo::open(const schemas::EventView& event, std::vector<Opening>& openings) const {
    if (!event.stream.starts_with("deployment-")) return;
    // What cannot be read was written by somebody newer; others see to it that this is noticed.
    const auto decoded =
        schemas::read_data<DeploymentEvent>(event.type, event.data, schemas::Unknown::skip);
    if (decoded) std::visit(Opener{event, *decoded, openings}, *decoded);
}

Effect effect_of(const projections::TodoItem& item) {
    if (item.kind == Release::kind) {
        auto contract = schemas::read_text<GridContract>(item.data, schemas::Unknown::skip,
                                                         schemas::record_bytes_max);
        if (!contract) unreadable(item, contract.error());
        return {item.stream, Release{std::move(*contract)}};
    }
    const auto json = schemas::thread_parser().parse(item.data, schemas::record_bytes_max);
    if (!json) unreadable(item, json.error());
    auto event = schemas::read_data<DeploymentEvent>(item.kind, *json, schemas::Unknown::skip);
    if (!event) unreadable(item, event.error());
    if (auto* is = std::get_if<AttemptStarted>(&*event)) return {item.stream, std::move(*is)};
    if (auto* is = std::get_if<DomainRequested>(&*event)) return {item.stream, std::move(*is)};
    if (auto* is = std::get_if<RestartRequested>(&*event)) return {item.stream, std::move(*is)};
    if (auto* is = std::get_if<ResizeRequested>(&*event)) return {item.stream, std::move(*is)};
    if (auto* is = std::get_if<DeploymentSuspended>(&*event))
        return {item.stream, Access{false, std::move(is->workloads)}};
    if (auto* is = std::get_if<DeploymentResumed>(&*event))
        return {item.stream, Access{true, std::move(is->workloads)}};
    throw std::runtime_error{item.kind + " asks nothing of the grid"};
}

} // namespace gateways::tfgrid
