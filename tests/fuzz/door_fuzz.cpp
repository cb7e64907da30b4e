// Any bytes, as a connection of a client with a good token: the request parser, the routes, the
// command reader, the processor, and the answer. Whatever comes, every request gets exactly one
// answer, and what was accepted is in the log.

#include "bus/simulated/simulated.hpp"
#include "domain/contract.hpp"
#include "gateways/http/input.hpp"
#include "gateways/http/request_parser.hpp"
#include "gateways/market/door.hpp"
#include "gateways/market_registry.hpp"
#include "gateways/token/issuer.hpp"
#include "tests/support/temporary_folder.hpp"

#include <chrono>
#include <cstdint>

namespace {

using namespace gateways;
using domain::expects;

constexpr std::size_t log_records_max = 2000; // Then a new world, so that memory stays bounded.

token::VerifierOptions verifier_options(const std::filesystem::path& folder) {
    token::VerifierOptions options;
    options.claims.issuer = "fuzz";
    options.claims.audience = "fuzz";
    options.keys = (folder / token::Issuer::key_set_file).string();
    options.environment = "test";
    return options;
}

class Market {
public:
    Market()
        : issuer_{folder_.path(), "fuzz", "fuzz"},
          log_{bus::simulated::open(world_)},
          desk_{*log_,
                {.remote = false},
                [this](std::vector<projections::Answer>& answers) {
                    answers_ += answers.size();
                    market::deliver(answers, &server_);
                }},
          processor_{*log_,  "fuzz/0",
                     store_, market_registry(),
                     desk_,  {.milliseconds_now = [] { return std::int64_t{0}; }}},
          verifier_{verifier_options(folder_.path())},
          door_{{}, market_registry(), desk_, nullptr, nullptr, verifier_, {no_text, no_text}},
          server_{{}, door_} {
        desk_.add(processor_);
        door_.connect(server_);
        processor_.turn(bus::milliseconds{0});
        expects(verifier_.wait_for_keys(std::chrono::seconds{10}), "the key set is read");
        token::Grant grant;
        grant.subject = "fuzz";
        grant.tenant = "fuzz";
        grant.roles = token::Roles::service;
        grant.now = {std::chrono::duration_cast<std::chrono::milliseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count()};
        grant.lifetime_seconds = 86'400;
        bearer_ = "Bearer " + issuer_.token(grant);
    }

    bool full() const { return processor_.meter().batch_records > log_records_max; }

    void take(http::Request& request) {
        auto& authorization = request.known[static_cast<std::size_t>(http::Known::authorization)];
        if (!authorization.empty()) authorization = bearer_;
        std::string answer;
        const std::uint64_t commands = processor_.meter().commands;
        answers_ = 0;
        door_.handle(request, http::Exchange{1}, answer);
        door_.handled();
        if (answer.empty()) {
            processor_.turn(bus::milliseconds{0});
            expects(answers_ > 0, "a request is answered");
        } else {
            expects(answer.starts_with("HTTP/1.1 "), "an answer is a response");
        }
        // What follows from earlier ones is decided along with it.
        expects(processor_.meter().commands - commands <= 20'000, "a request is at most a batch");
        expects(processor_.meter().parked == 0, "what the door lets in can be decided");
    }

private:
    static std::string no_text() { return {}; }

    tests::TemporaryFolder folder_;
    token::Issuer issuer_;
    bus::simulated::World world_{1};
    std::unique_ptr<bus::Log> log_;
    projections::MemoryStore store_;
    std::size_t answers_ = 0;
    market::Desk desk_;
    projections::Processor processor_;
    token::Verifier verifier_;
    market::Door door_;
    http::Server server_;
    std::string bearer_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static std::unique_ptr<Market> market;
    if (!market || market->full()) market = std::make_unique<Market>();

    std::string_view rest{reinterpret_cast<const char*>(data), size};
    http::Budget budget{1 << 20};
    http::Input input{8192, budget};
    // Arrives in pieces, whose size the first byte tells.
    const std::size_t piece = rest.empty() ? 1 : 1 + static_cast<unsigned char>(rest.front());
    for (int requests = 0; requests < 8; ++requests) {
        http::RequestParser parser{{}};
        auto progress = parser.parse(input);
        while (progress == http::RequestParser::Progress::needs_more && !rest.empty()) {
            const auto room = input.room(parser.kept(input), parser.bytes_max());
            if (room.empty()) return 0;
            const std::size_t taken = std::min({room.size(), rest.size(), piece * 16});
            std::memcpy(room.data(), rest.data(), taken);
            rest.remove_prefix(taken);
            input.received(taken);
            progress = parser.parse(input);
        }
        if (progress != http::RequestParser::Progress::complete) return 0;
        std::array<http::Header, http::header_fields_max> headers;
        http::Request request;
        parser.describe(input, headers, request);
        market->take(request);
        if (parser.closes()) return 0;
        input.next_request();
    }
    return 0;
}
