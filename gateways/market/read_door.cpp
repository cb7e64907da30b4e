// The routes of read_routes.hpp at the door.

#include "gateways/market/door.hpp"
#include "gateways/market/pay_links.hpp"

#include <chrono>

namespace gateways::market {

using http::Known;
using http::Status;

http::Problem views_elsewhere() {
    return {.status = Status::service_unavailable,
            .code = "views_elsewhere",
            .detail = "this instance has no views; another one does",
            .retryable = true,
            .retry_after = std::chrono::seconds{1}};
}

http::Problem view_behind(std::string_view detail) {
    return {.status = Status::service_unavailable,
            .code = "view_behind",
            .detail = detail,
            .retryable = true,
            .retry_after = std::chrono::seconds{1}};
}

void Door::read(const http::Request& request, http::Exchange exchange,
                const token::Principal& principal, const ReadRoute& route, std::string_view id,
                std::string& answer) {
    const auto wrong = [&](Status status, std::string_view code, std::string field,
                           std::string_view why) {
        const std::array<http::PartProblem, 1> errors{
            http::PartProblem{std::move(field), std::string{why}}};
        refuse(request.reply,
               {.status = status,
                .code = code,
                .errors = why.empty() ? std::span<const http::PartProblem>{}
                                      : std::span<const http::PartProblem>{errors}},
               answer);
    };
    if (sources_ == nullptr) return refuse(request.reply, views_elsewhere(), answer);
    ReadAsk ask{{principal.tenant, std::nullopt}, {}, {}, now()};
    if (!principal.has(route.all)) {
        if (!principal.has(route.own) && !route.by_link)
            return wrong(Status::forbidden, "role_missing", {}, {});
        ask.reader.owner = principal.subject;
    }
    auto query = Query::parse(request.query, route.parameters);
    if (!query)
        return wrong(Status::bad_request, "query_invalid", query.error(),
                     "is not a parameter of this route, or twice");
    if (!request.body.empty() && request.body != "{}")
        return wrong(Status::unprocessable_entity, "body_unexpected", "",
                     "there is nothing to say");
    ask.query = std::move(*query);
    auto name = percent_decoded(id);
    if (!name) return wrong(Status::not_found, "not_found", {}, {});
    ask.id = std::move(*name);
    if (route.kind == ReadKind::stream) return listen(request, exchange, principal, answer);

    std::optional<bus::PartitionOffset> least;
    if (const auto text = request.header(Known::min_position); !text.empty()) {
        least = parse_position(text, reads_->partitions());
        if (!least)
            return wrong(Status::bad_request, "position_invalid", "Min-Position",
                         "is not <partition>:<offset>");
    }
    const auto from = std::chrono::steady_clock::now();
    const auto reply = request.reply;
    const auto shared = std::make_shared<const ReadAsk>(std::move(ask));
    const auto read = [this, exchange, reply, shared, from, &route] {
        auto bytes = answer_of(route, *shared, reply);
        meter_.reads.add(
            static_cast<std::uint64_t>((std::chrono::steady_clock::now() - from).count()));
        server_->answer(exchange, std::move(bytes));
    };
    const auto busy = [this, exchange, reply] { refuse(exchange, reply, view_behind(read_again)); };
    std::function<void()> begin = [this, read, busy] {
        if (!reads_->run(read)) busy();
    };
    if (route.kind == ReadKind::totals)
        begin = [this, read, busy, &route] {
            sources_->views.at_rest(route.view, projections::view_wait_max,
                                    [read, busy](bool still) { still ? read() : busy(); });
        };
    if (!least) return begin();
    sources_->views.when(route.view, *least, projections::view_wait_max,
                         [begin, busy](bool there) { there ? begin() : busy(); });
}

std::string Door::answer_of(const ReadRoute& route, const ReadAsk& ask, const http::Reply& reply) {
    std::string bytes;
    try {
        const ReadAnswer told = route.handler(*sources_, ask);
        if (told.code.empty()) {
            count(told.status);
            // A page shows what others have named: nothing in it may run or be fetched.
            static constexpr std::array<http::Header, 2> guards{
                http::Header{"Content-Security-Policy",
                             "default-src 'none'; style-src 'unsafe-inline'"},
                http::Header{"X-Content-Type-Options", "nosniff"}};
            http::write_response(reply, told.status, route.content_type,
                                 route.content_type == page_type
                                     ? std::span<const http::Header>{guards}
                                     : std::span<const http::Header>{},
                                 told.body, bytes);
            return bytes;
        }
        const std::array<http::PartProblem, 1> errors{http::PartProblem{told.field, told.detail}};
        refuse(reply,
               {.status = told.status,
                .code = told.code,
                .detail = told.detail,
                .errors = told.field.empty() ? std::span<const http::PartProblem>{}
                                             : std::span<const http::PartProblem>{errors}},
               bytes);
    } catch (const std::exception&) {
        // The log or the disk failed; /readyz and the log lines say more than a client needs.
        bytes.clear();
        refuse(reply,
               {.status = Status::service_unavailable,
                .code = "unavailable",
                .retryable = true,
                .retry_after = std::chrono::seconds{1}},
               bytes);
    }
    return bytes;
}

// Routes of a link: its token stands for its payer, for this one payment.
void Door::pay(const http::Request& request, http::Exchange exchange, std::string& answer) {
    const auto wrong = [&](Status status, std::string_view code) {
        refuse(request.reply, {.status = status, .code = code}, answer);
    };
    const bool gets = request.verb == http::Verb::get || request.verb == http::Verb::head;
    std::string_view id;
    const auto* const route = read_route(gets ? "GET" : request.method, request.path, id);
    if (route == nullptr) return refuse_route(request, answer);
    const auto query = Query::parse(request.query, route->parameters);
    const std::string* const token = query ? query->find("token") : nullptr;
    if (token == nullptr) return wrong(Status::unauthorized, "token_missing");
    token::Principal payer;
    // Who has no views has no seal either, and is told so.
    if (sources_ != nullptr) {
        const auto link = open_pay_link(sources_->seal, *token, id);
        if (!link) return wrong(Status::forbidden, "pay_link_invalid");
        if (link->expires <= now()) return wrong(Status::gone, "pay_link_expired");
        payer.subject = link->payer;
        payer.tenant = link->tenant;
        payer.roles = token::Roles::cloud_user;
    }
    if (sources_ == nullptr || route->kind != ReadKind::command)
        return read(request, exchange, payer, *route, id, answer);
    http::Request confirmation = request;
    confirmation.query = {};
    post_command(confirmation, exchange, payer, "payments/" + std::string{id} + "/confirm", answer);
}

void Door::listen(const http::Request& request, http::Exchange exchange,
                  const token::Principal& principal, std::string& answer) {
    if (request.verb == http::Verb::head) {
        count(Status::ok);
        return http::write_response(request.reply, Status::ok, event_stream_type, {}, answer);
    }
    Listener listener{exchange, request.reply, principal, std::nullopt};
    if (const auto text = request.header(Known::last_event_id); !text.empty()) {
        listener.from = parse_event_place(text, reads_->partitions());
        if (!listener.from) {
            const std::array<http::PartProblem, 1> errors{
                http::PartProblem{"Last-Event-ID", "is none of this stream's"}};
            return refuse(
                request.reply,
                {.status = Status::bad_request, .code = "last_event_id_invalid", .errors = errors},
                answer);
        }
    }
    if (feed_->add(std::move(listener))) return count(Status::ok);
    refuse(request.reply,
           {.status = Status::too_many_requests,
            .code = "too_many_streams",
            .detail = "close another stream first, or ask again later",
            .retryable = true,
            .retry_after = std::chrono::seconds{10}},
           answer);
}

void Door::written(http::Exchange exchange) {
    if (feed_ != nullptr) feed_->written(exchange);
}

void Door::gone(http::Exchange exchange) {
    if (feed_ != nullptr) feed_->gone(exchange);
}

} // namespace gateways::market
