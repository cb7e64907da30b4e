// A workload on a node: looked for by its name, else deployed. The job does both contract and
// workload, and finds what an earlier try has made.

#include "gateways/tfgrid/posted.hpp"
#include "gateways/tfgrid/tasks.hpp"

#include <boost/json.hpp>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

namespace gateways::tfgrid {

namespace {

namespace json = boost::json;

// The same for every try, as a request that is repeated has to be; and known to nobody else.
std::string cluster_token(const std::string& secret, const std::string& grid_name) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    const std::string text = "cluster/" + grid_name;
    if (HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(),
             &size) == nullptr)
        throw std::runtime_error{"no token could be made"};
    std::string token;
    for (unsigned i = 0; i < size; ++i)
        for (const int half : {digest[i] >> 4, digest[i] & 15})
            token += "0123456789abcdef"[half];
    return token;
}

class DeployTask final : public Task {
public:
    DeployTask(const Effect& effect, const domain::AttemptStarted& what, Progress& progress,
               const Terms& terms, const Standing& standing)
        : Task{effect, progress, terms, standing}, what_{what} {}

    Verdict first() override {
        if (!number_of(what_.place.node.value))
            return Park{"node '" + what_.place.node.value + "' is none of the grid's"};
        if (const auto reason = unpreparable()) return failed(*reason);
        return look("/v1/deployments/" + what_.grid_name + "?node=" + what_.place.node.value);
    }

    Verdict found(const json::object& view) override {
        progress_.contract = main_contract(view, "vm");
        if (state_in(view) == "ready" &&
            number_in(view, "node") == number_of(what_.place.node.value))
            return ready(view);
        return deploy(); // The job waits for it, or says what is wrong with it.
    }

    Verdict missing() override {
        // It was there. What would be made now is not the contract that the deployment knows.
        if (progress_.told) return failed("incomplete: the contract is gone");
        return deploy();
    }

    Verdict done(const json::object& job) override {
        const json::object& view = object_in(job, "deployment");
        progress_.contract = main_contract(view, "vm");
        const std::string state = state_in(view);
        if (state == "paused")
            return wallet_is_empty({"contract_in_grace", "the machine is paused", true});
        if (state != "ready") return Again{"the machine is " + state};
        return ready(view);
    }

    Verdict refused(const GridError& error, Sort sort) override {
        if (sort == Sort::refused) return Park{error.text()};
        return failed(error.text(), sort == Sort::unfit);
    }

    Commands news() const override {
        if (!progress_.contract) return {};
        return {posted(effect_.stream, domain::RecordContract{what_.place.role,
                                                              what_.place.attempt,
                                                              {std::to_string(*progress_.contract)},
                                                              domain::ContractKind::node})};
    }

private:
    // The variable through which an application learns its name on the web.
    std::optional<std::string_view> domain_variable() const {
        if (what_.application == "nextcloud") return "NEXTCLOUD_DOMAIN";
        if (what_.application == "open-webui") return "OPENWEBUI_DOMAIN";
        return std::nullopt;
    }

    std::optional<std::string> unpreparable() const {
        if (domain_variable() && (!what_.web_name || terms_.gateway_domain.empty()))
            return what_.application + " needs a name on the web";
        if (what_.application == "kubernetes" && terms_.secret.empty())
            return "kubernetes needs a token, and there is no secret to make it of";
        return std::nullopt;
    }

    Verdict deploy() {
        json::object env;
        if (const auto variable = domain_variable())
            env[*variable] = *what_.web_name + "." + terms_.gateway_domain;
        if (what_.application == "kubernetes")
            env["K3S_TOKEN"] = cluster_token(terms_.secret, what_.grid_name);
        const json::value body = json::object{
            {"name", what_.grid_name},
            {"node", *number_of(what_.place.node.value)},
            {"farm", number_of(what_.place.farm.value).value_or(0)},
            {"resources", render(what_.place.resources)},
            {"ssh_key", what_.ssh_key},
            {"application", what_.application},
            {"env", std::move(env)},
            {"metadata", effect_.deployment()},
        };
        return change(http::Verb::post, "/v1/deployments", &body);
    }

    Verdict ready(const json::object& view) {
        if (!progress_.contract) return Again{"the machine has no contract"};
        Commands commands = news();
        commands.push_back(
            posted(effect_.stream, domain::RecordWorkload{what_.place.role, what_.place.attempt,
                                                          true, std::nullopt, access_in(view)}));
        return Conclude{std::move(commands)};
    }

    // What is left of it is told first, so that it gets cancelled.
    Verdict failed(const std::string& reason, bool unfit = false) {
        Commands commands = news();
        if (unfit)
            commands.push_back(
                posted("node-" + what_.place.node.value, domain::ExcludeNode{reason}));
        commands.push_back(
            posted(effect_.stream, domain::RecordWorkload{what_.place.role, what_.place.attempt,
                                                          false, reason, std::nullopt}));
        return Conclude{std::move(commands)};
    }

    const domain::AttemptStarted& what_;
};

class ReleaseTask final : public Task {
public:
    ReleaseTask(const Effect& effect, const Release& what, Progress& progress, const Terms& terms,
                const Standing& standing)
        : Task{effect, progress, terms, standing}, what_{what} {}

    // There is nothing to look at before: a contract that is gone counts as cancelled.
    Verdict first() override {
        return change(http::Verb::delete_, "/v1/contracts/" + what_.contract.contract.value,
                      nullptr);
    }
    Verdict found(const json::object&) override { return Again{"nobody looked"}; }
    Verdict missing() override { return Again{"nobody looked"}; }
    Verdict done(const json::object&) override {
        return Conclude{{posted(effect_.stream, domain::RecordRelease{what_.contract.contract})}};
    }
    Verdict refused(const GridError& error, Sort) override { return Park{error.text()}; }

private:
    const Release& what_;
};

} // namespace

std::unique_ptr<Task> deploy_task(const Effect& effect, const domain::AttemptStarted& what,
                                  Progress& progress, const Terms& terms,
                                  const Standing& standing) {
    return std::make_unique<DeployTask>(effect, what, progress, terms, standing);
}

std::unique_ptr<Task> release_task(const Effect& effect, const Release& what, Progress& progress,
                                   const Terms& terms, const Standing& standing) {
    return std::make_unique<ReleaseTask>(effect, what, progress, terms, standing);
}

} // namespace gateways::tfgrid
