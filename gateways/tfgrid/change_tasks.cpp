// Restarts and resizes: one workload after the other. A change names the version it was made for,
// so that a repetition changes nothing; a root file system is never given up for it.

#include "gateways/tfgrid/posted.hpp"
#include "gateways/tfgrid/tasks.hpp"

#include <boost/json.hpp>

namespace gateways::tfgrid {

namespace {

namespace json = boost::json;

class ChangeTask : public Task {
public:
    Verdict first() override { return next(); }

    Verdict found(const json::object& view) override {
        const auto version = number_in(view, "version");
        if (!version) { // Its node does not tell.
            const GridError error{"node_unreachable", "the node does not tell", true};
            if (auto again = node_is_away(error)) return *again;
            return failed(error.text());
        }
        if (state_in(view) == "deploying") return Again{"an earlier change is under way"};
        if (is_done(view, *version)) return advance();
        progress_.version = version;
        return ask(*version);
    }

    Verdict missing() override { return failed("not_found: the workload is not on the grid"); }
    Verdict done(const json::object&) override { return advance(); }

    Verdict refused(const GridError& error, Sort) override {
        // Another version: maybe by our own request, whose answer was lost.
        if (error.code == "conflict") return Again{error.text()};
        return failed(error.text());
    }

protected:
    ChangeTask(const Effect& effect, const std::vector<domain::ServingWorkload>& workloads,
               Progress& progress, const Terms& terms, const Standing& standing)
        : Task{effect, progress, terms, standing}, workloads_{workloads} {}

    const domain::ServingWorkload& workload() const { return workloads_[progress_.workload]; }

    virtual bool is_done(const json::object& view, std::int64_t version) const = 0;
    virtual Ask ask(std::int64_t version) = 0;
    virtual projections::PostedCommand conclusion(std::optional<std::string> failure) const = 0;

private:
    Verdict next() {
        if (progress_.workload >= workloads_.size()) return Conclude{{conclusion(std::nullopt)}};
        return look("/v1/deployments/" + workload().grid_name +
                    "?node=" + workload().place.node.value);
    }

    Verdict advance() {
        ++progress_.workload;
        progress_.version.reset();
        progress_.unreachable = 0;
        return next();
    }

    Verdict failed(const std::string& reason) { return Conclude{{conclusion(reason)}}; }

    const std::vector<domain::ServingWorkload>& workloads_;
};

class RestartTask final : public ChangeTask {
public:
    RestartTask(const Effect& effect, const domain::RestartRequested& what, Progress& progress,
                const Terms& terms, const Standing& standing)
        : ChangeTask{effect, what.workloads, progress, terms, standing}, what_{what} {}

private:
    bool is_done(const json::object& view, std::int64_t version) const override {
        return progress_.version && version > *progress_.version && state_in(view) == "ready";
    }
    Ask ask(std::int64_t version) override {
        const json::value body = json::object{{"version", version}};
        return change(http::Verb::post, "/v1/deployments/" + workload().grid_name + "/restart",
                      &body);
    }
    projections::PostedCommand conclusion(std::optional<std::string> failure) const override {
        const bool restarted = !failure;
        return posted(effect_.stream,
                      domain::RecordRestart{what_.number, restarted, std::move(failure)});
    }

    const domain::RestartRequested& what_;
};

class ResizeTask final : public ChangeTask {
public:
    ResizeTask(const Effect& effect, const domain::ResizeRequested& what, Progress& progress,
               const Terms& terms, const Standing& standing)
        : ChangeTask{effect, what.workloads, progress, terms, standing}, what_{what} {}

private:
    bool is_done(const json::object& view, std::int64_t) const override {
        const json::object& is = object_in(view, "resources");
        for (const auto& [name, value] : render(workload().place.resources))
            if (number_in(is, name) != value.to_number<std::int64_t>()) return false;
        return state_in(view) == "ready";
    }
    Ask ask(std::int64_t version) override {
        const json::value body =
            json::object{{"resources", render(workload().place.resources)}, {"version", version}};
        return change(http::Verb::put, "/v1/deployments/" + workload().grid_name, &body);
    }
    projections::PostedCommand conclusion(std::optional<std::string> failure) const override {
        const bool resized = !failure;
        return posted(effect_.stream,
                      domain::RecordResize{what_.number, resized, std::move(failure)});
    }

    const domain::ResizeRequested& what_;
};

} // namespace

std::unique_ptr<Task> restart_task(const Effect& effect, const domain::RestartRequested& what,
                                   Progress& progress, const Terms& terms,
                                   const Standing& standing) {
    return std::make_unique<RestartTask>(effect, what, progress, terms, standing);
}

std::unique_ptr<Task> resize_task(const Effect& effect, const domain::ResizeRequested& what,
                                  Progress& progress, const Terms& terms,
                                  const Standing& standing) {
    return std::make_unique<ResizeTask>(effect, what, progress, terms, standing);
}

} // namespace gateways::tfgrid
