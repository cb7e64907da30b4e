#include "gateways/market/door.hpp"

#include "gateways/market/openapi.hpp"
#include "gateways/market/questions.hpp"
#include "gateways/market/routes.hpp"
#include "gateways/wall_time.hpp"

#include <charconv>
#include <chrono>

namespace gateways::market {

using http::Known;
using http::Problem;
using http::Status;

namespace {

constexpr std::string_view openapi_path = "/v1/openapi.json";
constexpr std::string_view pay_links = "/v1/pay/";

// "a/b/c" into its parts; false when there are more.
bool split(std::string_view path, std::array<std::string_view, 3>& parts, std::size_t& count) {
    for (count = 0; !path.empty(); ++count) {
        if (count == parts.size()) return false;
        const auto slash = path.find('/');
        parts[count] = path.substr(0, slash);
        path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
    }
    return true;
}

DoorOptions with_clock(DoorOptions options) {
    if (!options.milliseconds_now)
        options.milliseconds_now = [] { return wall_time().milliseconds; };
    return options;
}

} // namespace

Door::Door(DoorOptions options, const projections::Registry& registry, Desk& desk, Reads* reads,
           Orders* orders, token::Verifier& verifier, Health health)
    : options_{with_clock(std::move(options))},
      registry_{registry},
      desk_{desk},
      reads_{reads},
      orders_{orders},
      verifier_{verifier},
      health_{std::move(health)} {}

void Door::refuse(const http::Reply& reply, const Problem& problem, std::string& answer) {
    count(problem.status);
    http::write_problem(reply, problem, answer);
}

void Door::refuse(http::Exchange exchange, const http::Reply& reply, const Problem& problem) {
    std::string bytes;
    refuse(reply, problem, bytes);
    server_->answer(exchange, std::move(bytes));
}

void Door::count(Status status) { ++meter_.by_status[static_cast<unsigned>(status) / 100 % 6]; }

void Door::handle(const http::Request& request, http::Exchange exchange, std::string& answer) {
    const std::string_view path = request.path;
    if (!path.starts_with("/v1/") || path == openapi_path) return plain(request, answer);
    if (path == stripe_webhook_path) return post_webhook(request, exchange, answer);
    if (path.starts_with(pay_links)) return pay(request, exchange, answer);

    // Tokens live by the wall clock, whatever the time of the marketplace.
    const auto verified = verifier_.verify(request.header(Known::authorization), wall_time());
    if (!verified && (verified.error() == token::Refusal::keys_unavailable ||
                      verified.error() == token::Refusal::keys_pending))
        return refuse(request.reply,
                      {.status = Status::service_unavailable,
                       .code = "keys_unavailable",
                       .detail = "the issuer's keys are being read; ask again",
                       .retryable = true,
                       .retry_after = std::chrono::seconds{1}},
                      answer);
    if (!verified) {
        const std::array<http::Header, 1> headers{
            http::Header{"WWW-Authenticate", "Bearer error=\"invalid_token\""}};
        return refuse(request.reply,
                      {.status = Status::unauthorized,
                       .code = verified.error() == token::Refusal::missing ? "token_missing"
                                                                           : "invalid_token",
                       .detail = "a valid bearer token is needed",
                       .headers = headers},
                      answer);
    }
    const token::Principal& principal = **verified;
    const std::string_view rest = path.substr(4);
    const bool gets = request.verb == http::Verb::get || request.verb == http::Verb::head;
    std::string_view id;
    if (const auto* route = read_route(gets ? "GET" : request.method, path, id))
        return read(request, exchange, principal, *route, id, answer);
    if (request.verb == http::Verb::post) {
        if (rest == "commands") return post_batch(request, exchange, principal, answer);
        return post_command(request, exchange, principal, rest, answer);
    }
    if (gets) return get(request, exchange, principal, rest, answer);
    refuse_route(request, answer);
}

void Door::refuse_route(const http::Request& request, std::string& answer) {
    const std::string methods = allowed_methods(request.path);
    if (methods.empty())
        return refuse(request.reply, {.status = Status::not_found, .code = "route_not_found"},
                      answer);
    const std::array<http::Header, 1> allow{http::Header{"Allow", methods}};
    refuse(request.reply,
           {.status = Status::method_not_allowed, .code = "method_not_allowed", .headers = allow},
           answer);
}

// What needs no token.
void Door::plain(const http::Request& request, std::string& answer) {
    if ((request.verb != http::Verb::get && request.verb != http::Verb::head) ||
        allowed_methods(request.path).empty())
        return refuse_route(request, answer);
    Status status = Status::ok;
    if (request.path == "/livez") {
        http::write_response(request.reply, status, "text/plain", "ok\n", answer);
    } else if (request.path == "/metrics") {
        http::write_response(request.reply, status, "text/plain; version=0.0.4", health_.metrics(),
                             answer);
    } else if (request.path == openapi_path) {
        const std::array<http::Header, 1> headers{http::Header{"ETag", openapi_etag()}};
        const std::string_view known = request.header(Known::if_none_match);
        if (known == openapi_etag() || known == "*") status = Status::not_modified;
        http::write_response(request.reply, status, http::json_type, headers, openapi_document(),
                             answer);
    } else {
        const std::string reasons = health_.not_ready();
        if (!reasons.empty()) status = Status::service_unavailable;
        const bool verbose = request.query == "verbose";
        http::write_response(request.reply, status, "text/plain",
                             reasons.empty() ? "ready\n"
                             : verbose       ? reasons
                                             : "not ready\n",
                             answer);
    }
    count(status);
}

void Door::get(const http::Request& request, http::Exchange exchange,
               const token::Principal& principal, std::string_view path, std::string& answer) {
    std::array<std::string_view, 3> parts;
    std::size_t count = 0;
    const bool whole = split(path, parts, count) && count > 0;
    const ResourceRoute* const route = whole ? resource_route(parts[0]) : nullptr;
    if (route == nullptr || (count == 3 && parts[2] != "events"))
        return refuse_route(request, answer);
    if (reads_ == nullptr) return refuse(request.reply, views_elsewhere(), answer);

    Reader reader{principal.tenant, std::nullopt};
    if (!principal.has(route->all)) {
        if (!principal.has(route->own))
            return refuse(request.reply, {.status = Status::forbidden, .code = "role_missing"},
                          answer);
        reader.owner = principal.subject;
    }

    auto wanted = std::make_shared<ReadQuestion>();
    wanted->exchange = exchange;
    wanted->reply = request.reply;
    wanted->reader = std::move(reader);
    wanted->query.aggregate = route->aggregate;
    if (count > 1) wanted->stream = std::string{route->aggregate} + "-" + std::string{parts[1]};
    wanted->kind = count == 1   ? ReadQuestion::Kind::list
                   : count == 2 ? ReadQuestion::Kind::one
                                : ReadQuestion::Kind::events;
    wanted->if_none_match = request.header(Known::if_none_match);
    wanted->from = std::chrono::steady_clock::now();
    const auto query = Query::parse(
        request.query, count == 1 ? list_parameters(*route) : std::span<const std::string_view>{});
    if (const std::string wrong =
            query ? std::string{read_list(*query, wanted->query)} : query.error();
        !wrong.empty()) {
        const std::array<http::PartProblem, 1> errors{http::PartProblem{
            wrong, query ? "has a wrong value" : "is not a parameter here, or twice"}};
        return refuse(request.reply,
                      {.status = Status::bad_request, .code = "query_invalid", .errors = errors},
                      answer);
    }

    const auto busy = [this, wanted] {
        refuse(wanted->exchange, wanted->reply, view_behind(read_again));
    };
    const auto read = [this, wanted] { answer_read(*wanted); };
    if (const auto text = request.header(Known::min_position); !text.empty()) {
        const auto position = parse_position(text, reads_->partitions());
        if (!position) {
            const std::array<http::PartProblem, 1> errors{
                http::PartProblem{"Min-Position", "is not <partition>:<offset>"}};
            return refuse(
                request.reply,
                {.status = Status::bad_request, .code = "position_invalid", .errors = errors},
                answer);
        }
        reads_->run_at(*position, projections::view_wait_max, read, busy);
    } else if (!reads_->run(read)) {
        busy();
    }
}

// The name of the parameter whose value is wrong, or nothing.
std::string_view Door::read_list(const Query& query, Reads::ListQuery& list) const {
    const auto limit = query.limit();
    if (!limit) return "limit";
    list.limit = *limit;
    if (const auto* cursor = query.cursor()) list.cursor = *cursor;
    if (const auto* status = query.find("status")) {
        if (!registry_.named(list.aggregate)->has_status(*status)) return "status";
        list.status = *status;
    }
    for (const std::string_view name : {"owner", "payer"})
        if (const auto* owner = query.find(name)) list.owner = *owner;
    return {};
}

// In the reading thread.
void Door::answer_read(const ReadQuestion& wanted) {
    std::string bytes;
    Status status = Status::ok;
    const auto not_found = [&] {
        status = Status::not_found;
        http::write_problem(wanted.reply, {.status = status, .code = "not_found"}, bytes);
    };
    try {
        if (wanted.kind == ReadQuestion::Kind::one) {
            const auto resource = reads_->one(wanted.reader, wanted.stream);
            if (!resource) {
                not_found();
            } else {
                const std::string tag = etag(resource->version);
                const std::array<http::Header, 1> headers{http::Header{"ETag", tag}};
                if (wanted.if_none_match == tag || wanted.if_none_match == "*")
                    status = Status::not_modified;
                http::write_response(wanted.reply, status, http::json_type, headers, resource->body,
                                     bytes);
            }
        } else {
            const auto body = wanted.kind == ReadQuestion::Kind::events
                                  ? reads_->events(wanted.reader, wanted.stream)
                                  : reads_->list(wanted.reader, wanted.query);
            if (body) {
                http::write_response(wanted.reply, status, http::json_type, *body, bytes);
            } else if (wanted.kind == ReadQuestion::Kind::events) {
                not_found();
            } else {
                status = Status::bad_request;
                http::write_problem(wanted.reply,
                                    {.status = status,
                                     .code = "cursor_invalid",
                                     .detail = "the cursor does not belong to this list"},
                                    bytes);
            }
        }
    } catch (const std::exception&) {
        // The log or the disk failed; /readyz and the log lines say more than a client needs.
        bytes.clear();
        status = Status::service_unavailable;
        http::write_problem(wanted.reply,
                            {.status = status,
                             .code = "unavailable",
                             .retryable = true,
                             .retry_after = std::chrono::seconds{1}},
                            bytes);
    }
    count(status);
    meter_.reads.add(
        static_cast<std::uint64_t>((std::chrono::steady_clock::now() - wanted.from).count()));
    server_->answer(wanted.exchange, std::move(bytes));
}

std::string etag(std::uint64_t version) { return '"' + std::to_string(version) + '"'; }

} // namespace gateways::market
