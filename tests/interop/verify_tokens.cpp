// The real token check as a filter, for forgers in other languages.
//
//     verify_tokens --keys FILE --issuer I --audience A --algorithms RS256,ES256 [--type JWT]
//
// Reads a token a line and writes a line for each: "accepted <subject> <tenant> <roles>" or
// "refused <reason>". An empty line is an empty token.

#include "gateways/token/verifier.hpp"

#include <boost/describe/enum_to_string.hpp>

#include <CLI/CLI.hpp>
#include <iostream>

int main(int argc, char** argv) {
    namespace token = gateways::token;
    token::VerifierOptions options;
    options.environment = "test";
    std::vector<std::string> algorithms, types;
    CLI::App app{"Says of each token on a line whether it is accepted"};
    app.add_option("--keys", options.keys)->required();
    app.add_option("--issuer", options.claims.issuer)->required();
    app.add_option("--audience", options.claims.audience)->required();
    app.add_option("--algorithms", algorithms)->delimiter(',')->required();
    app.add_option("--type", types);
    CLI11_PARSE(app, argc, argv);
    options.algorithms.clear();
    for (const auto& name : algorithms)
        options.algorithms.push_back(token::algorithm_named(name).value());
    if (!types.empty()) options.types = types;

    token::Verifier verifier{options};
    if (!verifier.wait_for_keys(std::chrono::seconds{10})) {
        std::cerr << "no key set\n";
        return 1;
    }
    for (std::string line; std::getline(std::cin, line);) {
        const domain::Time now{std::chrono::duration_cast<std::chrono::milliseconds>(
                                   std::chrono::system_clock::now().time_since_epoch())
                                   .count()};
        if (const auto verified = verifier.verify_token(line, now))
            std::cout << "accepted " << (*verified)->subject << ' ' << (*verified)->tenant << ' '
                      << names_of((*verified)->roles) << '\n';
        else
            std::cout << "refused " << boost::describe::enum_to_string(verified.error(), "?")
                      << '\n';
    }
}
