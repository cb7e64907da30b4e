#include "gateways/sandbox/stripe/teller.hpp"

#include "gateways/sandbox/form.hpp"
#include "gateways/sandbox/stripe/expand.hpp"
#include "gateways/sandbox/stripe/methods.hpp"

#include <boost/json.hpp>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace gateways::sandbox::stripe {

namespace {

namespace json = boost::json;

// What can happen to a call with a key that was seen.
constexpr std::array replay_faults{FaultKind::rate_limit, FaultKind::timeout_after,
                                   FaultKind::cut_before, FaultKind::cut_after};
constexpr std::array call_faults{
    FaultKind::rate_limit,  FaultKind::timeout_after, FaultKind::cut_before,
    FaultKind::cut_after,   FaultKind::conflict,      FaultKind::error,
    FaultKind::error_after, FaultKind::delay,         FaultKind::decline};

// Longer than any client waits.
constexpr std::chrono::milliseconds usual_timeout{60'000};
constexpr std::chrono::milliseconds usual_delay{2'000};
constexpr std::size_t key_size_max = 255;

Answer written(const Refusal& refusal) { return json_answer(refusal.status, render(refusal)); }

[[noreturn]] void refuse(unsigned status, std::string_view code, std::string message,
                         std::string_view type = "invalid_request_error") {
    Refusal refusal;
    refusal.status = status;
    refusal.type = type;
    refusal.code = code;
    refusal.message = std::move(message);
    refusal.before_execution = true;
    throw refusal;
}

// "Bearer KEY", or Basic with the key as the user's name.
std::string key_in(std::string_view authorization) {
    constexpr std::string_view bearer = "Bearer ", basic = "Basic ";
    if (authorization.starts_with(bearer)) return std::string{authorization.substr(bearer.size())};
    if (!authorization.starts_with(basic)) return {};
    const std::string_view encoded = authorization.substr(basic.size());
    std::string text(encoded.size(), '\0');
    const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                     reinterpret_cast<const unsigned char*>(encoded.data()),
                                     static_cast<int>(encoded.size()));
    if (size < 0) return {};
    return text.substr(0, text.find(':'));
}

// Of the path and the parameters in any order.
std::string fingerprint_of(const Call& call, Fields parameters) {
    std::ranges::sort(parameters);
    std::string text = call.path;
    for (const auto& [name, value] : parameters)
        text.append(1, '\0').append(name).append(1, '\0').append(value);
    std::string digest(32, '\0');
    EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
               EVP_sha256(), nullptr);
    return digest;
}

Refusal refusal_of(const Fault& fault) {
    Refusal refusal;
    refusal.status = fault.status == 0 ? 500 : fault.status;
    refusal.type = !fault.type.empty()     ? fault.type
                   : refusal.status == 402 ? "card_error"
                   : refusal.status >= 500 ? "api_error"
                                           : "invalid_request_error";
    refusal.code = fault.code;
    refusal.message = !fault.message.empty() ? fault.message
                      : refusal.status >= 500
                          ? "An unexpected error occurred. Please contact support."
                          : "The request was refused.";
    if (!fault.decline_code.empty()) refusal.more["decline_code"] = fault.decline_code;
    // What is no answer of an execution is not remembered either.
    refusal.before_execution = refusal.status != 402 && refusal.status < 500;
    return refusal;
}

Answer rate_limited(const Fault& fault) {
    Refusal refusal;
    refusal.status = 429;
    refusal.code = fault.code.empty() ? "rate_limit" : fault.code;
    refusal.message = fault.message.empty() ? "Request rate limit exceeded." : fault.message;
    Answer answer = written(refusal);
    answer.headers.emplace_back(
        "Retry-After", std::to_string(std::max<std::int64_t>(fault.retry_after.count(), 1)));
    if (refusal.code == "rate_limit")
        answer.headers.emplace_back("Stripe-Rate-Limited-Reason", "global-rate");
    return answer;
}

} // namespace

Teller::Teller(Keys keys, Faults& faults, Account& account)
    : keys_{std::move(keys)}, faults_{faults}, account_{&account} {}

void Teller::reset(Account& account) {
    account_ = &account;
    idempotency_ = {};
}

bool Teller::authenticate(const Call& call) const {
    const std::string key = key_in(call.header("Authorization"));
    if (key.empty())
        refuse(401, {},
               "You did not provide an API key. You need to provide your API key in the "
               "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer "
               "YOUR_SECRET_KEY').");
    if (key == keys_.secret) return false;
    if (key == keys_.publishable) return true;
    refuse(401, {}, "Invalid API Key provided: " + key.substr(0, 8) + "***");
}

Teller::Work Teller::understand(const Call& call) const {
    Work work;
    work.request_id = call.request_id;
    work.by_browser = authenticate(call);
    const std::string_view version = call.header("Stripe-Version");
    if (!version.empty() && version != api_version)
        refuse(400, {},
               "Invalid Stripe API version: " + std::string{version} +
                   ". This sandbox speaks only " + std::string{api_version} + ".");
    work.route = find_route(call.verb, call.path, work.ids);
    if (work.route == nullptr) refuse(404, {}, "Unrecognized request URL (" + call.path + ").");
    if (work.by_browser && !work.route->browser)
        refuse(401, "secret_key_required",
               "This API call cannot be made with a publishable API key. Please use a secret API "
               "key.");
    const bool posts = call.verb == http::Verb::post;
    if (posts && !call.body.empty() &&
        !call.header("Content-Type").starts_with("application/x-www-form-urlencoded"))
        refuse(400, {},
               "Invalid request (check that your POST content type is "
               "application/x-www-form-urlencoded).");
    auto parameters = decode_form(posts ? call.body : call.query);
    if (!parameters) refuse(400, {}, "Invalid request: a parameter cannot be decoded.");
    work.parameters = std::move(*parameters);
    if (!posts) return work;
    work.idempotency_key = call.header("Idempotency-Key");
    if (work.idempotency_key.size() > key_size_max)
        refuse(400, {}, "Idempotency keys must be 255 characters or shorter.", "idempotency_error");
    if (!work.idempotency_key.empty()) work.fingerprint = fingerprint_of(call, work.parameters);
    return work;
}

Answer Teller::answer(const Call& call) {
    Answer answer;
    try {
        const Work work = understand(call);
        answer = begin(work);
        if (!work.idempotency_key.empty())
            answer.headers.emplace_back("Idempotency-Key", work.idempotency_key);
    } catch (const Refusal& refusal) {
        answer = written(refusal);
    }
    answer.headers.emplace_back("Stripe-Version", api_version);
    return answer;
}

Answer Teller::begin(const Work& work) {
    const std::string& key = work.idempotency_key;
    idempotency_.prune(account_->now());
    const Idempotency::Entry* seen = key.empty() ? nullptr : idempotency_.find(key);
    const bool replays = seen != nullptr && !seen->running;
    std::span<const FaultKind> possible = call_faults;
    if (seen != nullptr)
        possible = replay_faults;
    else if (!work.route->asks_bank)
        possible = possible.first(possible.size() - 1); // Nobody there to decline.
    const auto fault = faults_.next(work.route->operation, possible);

    if (fault && fault->kind == FaultKind::cut_before) {
        Answer cut;
        cut.cut = true;
        return cut;
    }
    if (fault && fault->kind == FaultKind::rate_limit) return rate_limited(*fault);
    if (seen != nullptr && seen->fingerprint != work.fingerprint)
        refuse(400, {},
               "Keys for idempotent requests can only be used with the same parameters they were "
               "first used with. Try using a key other than '" +
                   key + "' if you meant to execute a different request.",
               "idempotency_error");
    if ((seen != nullptr && seen->running) || (fault && fault->kind == FaultKind::conflict))
        refuse(409, "idempotency_key_in_use",
               "There is currently another in-progress request using this Idempotent Key (" + key +
                   "). Please try again later.",
               "idempotency_error");
    Answer answer;
    if (replays) {
        answer.status = seen->status;
        answer.body = seen->body;
        answer.headers.emplace_back("Idempotent-Replayed", "true");
        answer.headers.emplace_back("Original-Request", seen->request_id);
    } else {
        if (!key.empty())
            idempotency_.begin(key, {.fingerprint = work.fingerprint,
                                     .running = true,
                                     .since = account_->now(),
                                     .request_id = work.request_id,
                                     .status = 0,
                                     .body = {}});
        if (fault && fault->kind == FaultKind::delay) {
            answer.hold = fault->delay.count() > 0 ? fault->delay : usual_delay;
            answer.then = [this, work] {
                Answer late = run(work, std::nullopt);
                late.headers.emplace_back("Stripe-Version", api_version);
                return late;
            };
            return answer;
        }
        answer = run(work, fault);
    }
    if (fault && fault->kind == FaultKind::cut_after) answer.cut = true;
    if (fault && fault->kind == FaultKind::timeout_after)
        answer.hold = fault->delay.count() > 0 ? fault->delay : usual_timeout;
    return answer;
}

Answer Teller::run(const Work& work, const std::optional<Fault>& fault) {
    bool remember = true;
    Answer answer;
    account_->cause = {work.request_id, work.idempotency_key};
    try {
        answer = execute(work, fault);
    } catch (const Refusal& refusal) {
        answer = written(refusal);
        remember = !refusal.before_execution;
    } catch (...) {
        if (!work.idempotency_key.empty()) idempotency_.release(work.idempotency_key);
        throw;
    }
    account_->cause = {};
    account_->decline.reset();
    if (fault && fault->kind == FaultKind::error_after && remember) {
        Fault after = *fault;
        if (after.status == 0) after.status = 500;
        answer = written(refusal_of(after));
    }
    if (work.idempotency_key.empty()) return answer;
    if (remember)
        idempotency_.finish(work.idempotency_key, answer.status, answer.body);
    else
        idempotency_.release(work.idempotency_key);
    return answer;
}

void Teller::expect_client_secret(const Work& work, const Parameters& given) const {
    const std::string secret = given.required("client_secret");
    const auto* payment = account_->payment_intents.find(work.ids[0]);
    const auto* setup = account_->setup_intents.find(work.ids[0]);
    const bool right = (payment != nullptr && payment->client_secret == secret) ||
                       (setup != nullptr && setup->client_secret == secret);
    if (!right)
        refuse_parameter("resource_missing", "client_secret",
                         "The client_secret provided does not match any associated intent on "
                         "this account.");
}

Answer Teller::execute(const Work& work, const std::optional<Fault>& fault) {
    if (fault && fault->kind == FaultKind::error) throw refusal_of(*fault);
    const Route& route = *work.route;
    auto values = nested(work.parameters);
    if (!values) refuse(400, {}, "Invalid request: the parameters do not fit together.");
    const std::vector<std::string> paths = Parameters{*values}.list("expand");
    values->erase("expand");
    const Asked asked{Parameters{std::move(*values)}, work.ids};
    asked.parameters.only(route.parameters);
    check_expansion(route.kind, paths);
    if (work.by_browser) expect_client_secret(work, asked.parameters);
    if (fault && fault->kind == FaultKind::decline)
        account_->decline =
            card_problem(fault->code.empty() ? "card_declined" : fault->code,
                         fault->code.empty() && fault->decline_code.empty() ? "generic_decline"
                                                                            : fault->decline_code);
    json::object object = route.request(*account_, asked);
    if (!paths.empty()) expand(*account_, route.kind, paths, object);
    return json_answer(200, object);
}

} // namespace gateways::sandbox::stripe
