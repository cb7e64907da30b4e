// marketctl token

#include "gateways/marketctl/command_line.hpp"
#include "gateways/token/issuer.hpp"
#include "gateways/wall_time.hpp"

#include <CLI/CLI.hpp>
#include <chrono>

namespace gateways::marketctl {

namespace {

// As `marketd --dev` expects them.
constexpr const char* dev_issuer = "marketplace-dev";
constexpr const char* dev_audience = "marketplace";

constexpr const char* more = R"HELP(
Prints a token signed with the key in DATA/dev, which is made when there is none. `marketd --dev`
with the same --data takes it. Never for production: the key lies in a file.
Exit codes: 0 done, 1 the key cannot be read or written, 2 wrong use.
Example:
  curl -H "Authorization: Bearer $(marketctl token --data ./data --subject alice \
      --tenant acme --role cloud-user)" http://127.0.0.1:8080/v1/payments)HELP";

struct Wanted {
    std::filesystem::path data = "data";
    token::Grant grant;
    std::vector<std::string> roles;
    bool mfa = false;
};

int print_token(Wanted wanted) {
    wanted.grant.now = wall_time();
    if (wanted.mfa) wanted.grant.mfa = wanted.grant.now;
    for (const std::string& role : wanted.roles)
        wanted.grant.roles = wanted.grant.roles | token::role_named(role);
    const std::filesystem::path folder = wanted.data / "dev";
    std::filesystem::create_directories(folder);
    const token::Issuer issuer{folder, dev_issuer, dev_audience};
    print_line(issuer.token(wanted.grant));
    return 0;
}

} // namespace

void add_token_command(CLI::App& program, Action& chosen) {
    CLI::App& command = add_command(program, "token", "Make a token for development", more);
    const auto wanted = std::make_shared<Wanted>();
    command.add_option("--data", wanted->data, "Data folder of the server")
        ->envname("MARKETD_DATA")
        ->capture_default_str();
    command.add_option("--subject", wanted->grant.subject, "Who it is for")->required();
    command.add_option("--tenant", wanted->grant.tenant, "Whose data it opens")->required();
    command.add_option("--role", wanted->roles, "What its holder may do; repeatable")
        ->required()
        ->check(CLI::IsMember(
            {"cloud-user", "cloud-provider", "cloud-operator", "service", "auditor"}));
    command.add_flag("--mfa", wanted->mfa, "A second factor was shown just now");
    command.add_option("--lifetime", wanted->grant.lifetime_seconds, "Seconds until it expires")
        ->check(CLI::Range(1, 366 * 24 * 3600))
        ->capture_default_str();
    command.callback([&chosen, wanted] { chosen = [wanted] { return print_token(*wanted); }; });
}

} // namespace gateways::marketctl
