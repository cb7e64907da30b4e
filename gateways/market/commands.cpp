// POST of one command and of many.

#include "gateways/market/door.hpp"
#include "gateways/market/identity.hpp"
#include "gateways/market/questions.hpp"
#include "gateways/market/single_question.hpp"
#include "gateways/wall_time.hpp"
#include "schemas/parser.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace gateways::market {

using http::Known;
using http::Problem;
using http::Status;
using projections::Answer;
using projections::Submission;
using Clock = std::chrono::steady_clock;

namespace {

std::string_view unquoted(std::string_view text) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
        return text.substr(1, text.size() - 2);
    return text;
}

bool is_json(std::string_view type) {
    return type.starts_with(http::json_type) &&
           (type.size() == http::json_type.size() || type[http::json_type.size()] == ';' ||
            type[http::json_type.size()] == ' ');
}

// "data.amount.minor" as the pointer "/amount/minor" of the body.
std::string pointer(std::string_view where) {
    std::string text;
    for (const char c : where)
        text.push_back(c == '.' || c == '[' ? '/' : c);
    std::erase(text, ']');
    if (!text.empty() && text.front() != '/') text.insert(text.begin(), '/');
    return text;
}

// Of one I/O thread, until handled().
thread_local std::vector<Submission> gathered;

constexpr std::size_t key_bytes_max = 200;
constexpr std::size_t id_bytes_max = 64;

} // namespace

bool is_key(std::string_view key) {
    return !key.empty() && key.size() <= key_bytes_max &&
           std::ranges::all_of(key, [](char c) { return c > 0x20 && c < 0x7f; });
}

std::string_view key_of(std::string_view header) {
    const bool quoted = header.starts_with('"');
    const std::string_view key = quoted ? unquoted(header) : header;
    return is_key(key) && (!quoted || key.size() + 2 == header.size()) ? key : std::string_view{};
}

bool is_id(std::string_view id) {
    return !id.empty() && id.size() <= id_bytes_max && std::ranges::all_of(id, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '_' || c == '.';
    });
}

CommandAnswer to_client(const Answer& answer, bool creates) {
    using Kind = Answer::Kind;
    switch (answer.kind) {
    case Kind::accepted: return {creates ? Status::created : Status::ok, {}, false};
    case Kind::conflict: return {Status::unprocessable_entity, "idempotency_key_reused", false};
    case Kind::refused:
        if (answer.rejection == "not_found") return {Status::not_found, "not_found", false};
        if (answer.rejection == "version_conflict")
            return {Status::precondition_failed, "version_conflict", false};
        if (answer.rejection == "undecidable")
            return {Status::internal_server_error, "undecidable", false};
        return {Status::conflict, answer.rejection, false};
    case Kind::elsewhere:
    case Kind::unavailable: break;
    }
    return {Status::service_unavailable, "unavailable", true};
}

void deliver(std::vector<Answer>& answers, http::Server* server) {
    std::vector<http::Answer> responses;
    responses.reserve(answers.size());
    for (Answer& answer : answers)
        static_cast<Question*>(answer.asker)->answered(answer, responses);
    if (!responses.empty() && server != nullptr) server->answer(std::move(responses));
}

bool Door::read_head(const http::Request& request, bool key_needed, std::string_view& key,
                     std::string& answer) {
    const auto wrong = [&](const Problem& problem) {
        refuse(request.reply, problem, answer);
        return false;
    };
    if (!request.query.empty())
        return wrong({.status = Status::bad_request,
                      .code = "query_invalid",
                      .detail = "a command takes no query"});
    const std::string_view header = request.header(Known::idempotency_key);
    key = key_of(header);
    if (key.empty() && (key_needed || !header.empty())) {
        const std::array<http::PartProblem, 1> errors{http::PartProblem{
            "Idempotency-Key",
            header.empty() ? "is missing" : "is not 1 to 200 visible characters"}};
        return wrong(
            {.status = Status::bad_request,
             .code = header.empty() ? "idempotency_key_missing" : "idempotency_key_invalid",
             .errors = errors});
    }
    if (!is_json(request.header(Known::content_type)))
        return wrong({.status = Status::unsupported_media_type,
                      .code = "unsupported_media_type",
                      .detail = "the body has to be application/json"});
    return true;
}

void Door::post_command(const http::Request& request, http::Exchange exchange,
                        const token::Principal& principal, std::string_view path,
                        std::string& answer) {
    const auto wrong = [&](const Problem& problem) { refuse(request.reply, problem, answer); };
    const auto slash = path.find('/');
    const std::string_view resource = path.substr(0, slash);
    std::string_view id, verb;
    if (slash != std::string_view::npos) {
        const std::string_view rest = path.substr(slash + 1);
        const auto second = rest.find('/');
        id = rest.substr(0, second);
        if (second != std::string_view::npos) verb = rest.substr(second + 1);
    }
    if (id.empty() && verb.empty() && post_order(request, exchange, principal, resource, answer))
        return;
    const CommandRoute* route =
        id.empty() == verb.empty() ? command_route(resource, verb) : nullptr;
    if (route == nullptr) return refuse_route(request, answer);
    if (!id.empty() && !is_id(id)) return wrong({.status = Status::not_found, .code = "not_found"});
    std::string_view key;
    if (!read_head(request, true, key, answer)) return;

    Item item{.key = key, .type = route->type, .id = id, .route = route};
    const auto json = schemas::thread_parser().parse(request.body, request.body.size());
    ItemProblem problem;
    std::vector<Submission> submissions(1);
    if (!json) {
        problem = {Status::bad_request, "malformed_json", json.error().where, json.error().problem};
    } else {
        read_item(item, *json, {}, principal, request.header(Known::traceparent), submissions[0],
                  problem);
    }
    if (!problem.code.empty()) {
        const std::array<http::PartProblem, 1> errors{
            http::PartProblem{pointer(problem.where), problem.detail}};
        return wrong({.status = problem.status,
                      .code = problem.code,
                      .detail = problem.detail,
                      .errors = problem.where.empty()
                                    ? std::span<const http::PartProblem>{}
                                    : std::span<const http::PartProblem>{errors}});
    }
    if (const auto match = request.header(Known::if_match); !match.empty() && match != "*") {
        std::uint64_t version = 0;
        const std::string_view digits = unquoted(match);
        const auto* const last = digits.data() + digits.size();
        if (std::from_chars(digits.data(), last, version).ptr != last || version == 0)
            return wrong({.status = Status::precondition_failed, .code = "version_conflict"});
        submissions[0].expected_sequence = version;
    }

    auto question = std::make_unique<SingleQuestion>();
    question->door = this;
    question->exchange = exchange;
    question->reply = request.reply;
    question->creates = route->verb.empty();
    question->tenant = principal.tenant;
    question->stream = submissions[0].stream;
    question->id = submissions[0].stream.substr(submissions[0].stream.find('-') + 1);
    question->command = submissions[0].id;
    question->resource = route->resource;
    question->from = Clock::now();
    submissions[0].want_state = true;
    submissions[0].asker = static_cast<Question*>(question.release()); // Deletes itself.
    gathered.push_back(std::move(submissions[0]));
}

// All commands that had arrived together go to the desk together.
void Door::handled() {
    if (gathered.empty()) return;
    std::vector<void*> askers;
    for (const Submission& one : gathered)
        askers.push_back(one.asker);
    const bool taken = desk_.submit(std::move(gathered));
    gathered.clear();
    if (taken) return;
    std::vector<http::Answer> responses;
    for (void* asker : askers)
        static_cast<Question*>(asker)->too_many(responses);
    server_->answer(std::move(responses));
}

// Who may, what it says, and which stream it is for.
void Door::read_item(const Item& item, const schemas::Json& data, std::string_view where,
                     const token::Principal& principal, std::string_view trace,
                     Submission& submission, ItemProblem& problem) {
    const CommandRoute& route = *item.route;
    if (!principal.has(route.roles)) {
        problem = {Status::forbidden, "role_missing", {}, "the token's roles do not allow this"};
        return;
    }
    if (route.second_factor && !principal.has(token::Roles::service) &&
        (!principal.mfa || wall_time().milliseconds - principal.mfa->milliseconds >
                               options_.second_factor_milliseconds)) {
        problem = {Status::forbidden,
                   "second_factor_needed",
                   {},
                   "this moves money: log in with a second factor"};
        return;
    }
    const std::string_view name = route.type.substr(0, route.type.find('.'));
    const projections::AnyAggregate* aggregate = registry_.named(name);
    auto command = aggregate->read_command(route.type, data, where);
    if (!command) {
        problem = {Status::unprocessable_entity, "command_invalid", command.error().where,
                   command.error().problem};
        return;
    }
    if (const auto reason = forbidden(principal, **command, item.id); !reason.empty()) {
        problem = {Status::forbidden, reason, {}, {}};
        return;
    }
    std::string path = "/v1/" + std::string{route.resource};
    if (!route.verb.empty()) path.append("/").append(item.id).append("/").append(route.verb);
    submission.id = command_id(principal.tenant, principal.subject, path, item.key);
    submission.stream = std::string{name} + "-" +
                        (route.verb.empty() ? resource_id(submission.id) : std::string{item.id});
    submission.tenant = principal.tenant;
    submission.actor = principal.subject;
    if (!principal.has(token::Roles::cloud_operator | token::Roles::service))
        submission.owner = principal.subject;
    submission.trace = trace;
    submission.time = now();
    submission.partition = desk_.partition_of(submission.stream);
    submission.command = std::move(*command);
}

} // namespace gateways::market
