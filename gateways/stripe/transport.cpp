#include "gateways/stripe/transport.hpp"

#include "gateways/stripe/webhook.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace gateways::stripe {

namespace {

constexpr std::size_t key_bytes_max = 512;
constexpr std::size_t answer_bytes_max = 8 * 1024 * 1024; // A list of a hundred expanded objects.

bool is_printable(char c) { return c > ' ' && c < 127; }

// The key is in no message: it would end up in a log.
std::string key_in(const std::filesystem::path& file) {
    std::ifstream stream{file, std::ios::binary};
    std::string key{std::istreambuf_iterator<char>{stream}, {}};
    while (key.ends_with('\n') || key.ends_with('\r'))
        key.pop_back();
    if (key.empty() || key.size() > key_bytes_max || !std::ranges::all_of(key, is_printable))
        throw std::runtime_error{"no Stripe key in " + file.string()};
    return key;
}

// A secret key in clear text is anybody's.
std::string_view checked(std::string_view origin) {
    if (origin.starts_with("https://")) return origin;
    for (const std::string_view here : {"http://127.0.0.1", "http://localhost", "http://[::1]"})
        if (origin == here || origin.starts_with(std::string{here} + ":")) return origin;
    throw std::runtime_error{"Stripe is asked over https"};
}

http::ClientOptions client_options(const TransportOptions& options) {
    http::ClientOptions client;
    client.time_max = options.time_max;
    client.body_bytes_max = answer_bytes_max;
    client.tls_authorities = options.tls_authorities;
    return client;
}

} // namespace

Transport::Transport(const TransportOptions& options)
    : authorization_{"Bearer " + key_in(options.key_file)},
      client_{checked(options.origin), client_options(options)} {}

Answer Transport::send(const StripeRequest& request) {
    const bool posts = request.verb == http::Verb::post;
    std::vector<http::Header> headers{{"Authorization", authorization_},
                                      {"Stripe-Version", api_version},
                                      {"Accept", "application/json"}};
    if (posts) headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
    if (!request.idempotency_key.empty())
        headers.push_back({"Idempotency-Key", request.idempotency_key});
    std::string target = request.path;
    if (!posts && !request.form.empty()) target.append("?").append(request.form);
    auto result = client_.send(request.verb, target, posts ? request.form : "", headers);
    Answer answer;
    if (!result) {
        answer.came = result.error().maybe_sent ? Came::maybe_sent : Came::not_sent;
        return answer;
    }
    answer.came = Came::answered;
    answer.status = result->status;
    answer.headers = std::move(result->headers);
    answer.body = std::move(result->body);
    return answer;
}

} // namespace gateways::stripe
