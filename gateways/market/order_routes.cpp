// POST /v1/quotes and POST /v1/deployments: what has to be looked up first.

#include "gateways/market/door.hpp"
#include "gateways/market/identity.hpp"
#include "gateways/market/single_question.hpp"
#include "schemas/messages.hpp"

namespace gateways::market {

using http::Known;
using http::Status;

namespace {

constexpr std::size_t body_bytes_max = 128 * 1024;

} // namespace

// Until the reading thread has what it needs.
struct Door::OrderQuestion {
    http::Exchange exchange;
    http::Reply reply;
    token::Principal principal;
    std::string body, key, trace;
    std::chrono::steady_clock::time_point from;
};

// False when the path is none of these two.
bool Door::post_order(const http::Request& request, http::Exchange exchange,
                      const token::Principal& principal, std::string_view resource,
                      std::string& answer) {
    const bool quotes = resource == "quotes";
    if (!quotes && resource != "deployments") return false;
    const auto wrong = [&](const http::Problem& problem) {
        refuse(request.reply, problem, answer);
        return true;
    };
    if (orders_ == nullptr) return wrong(views_elsewhere());
    if (!principal.has(token::Roles::cloud_user | token::Roles::cloud_provider |
                       token::Roles::cloud_operator | token::Roles::service))
        return wrong({.status = Status::forbidden, .code = "role_missing"});
    // A quote changes nothing, so it may go without a key.
    std::string_view key;
    if (!read_head(request, !quotes, key, answer)) return true;
    auto question = std::make_shared<OrderQuestion>();
    question->exchange = exchange;
    question->reply = request.reply;
    question->principal = principal;
    question->body = request.body;
    question->key = key;
    question->trace = request.header(Known::traceparent);
    question->from = std::chrono::steady_clock::now();
    const auto late = [this, question] {
        refuse(question->exchange, question->reply,
               view_behind("what it needs is not known in time; ask again with the same key"));
    };
    const auto look = [this, question, quotes] {
        const auto problem = [&](Status status, std::string_view code, std::string_view detail,
                                 std::string_view where = {}) {
            const std::array<http::PartProblem, 1> errors{
                http::PartProblem{std::string{where}, std::string{detail}}};
            refuse(question->exchange, question->reply,
                   {.status = status,
                    .code = code,
                    .detail = detail,
                    .errors = where.empty() ? std::span<const http::PartProblem>{}
                                            : std::span<const http::PartProblem>{errors}});
        };
        try {
            const token::Principal& who = question->principal;
            const bool staff = who.has(token::Roles::cloud_operator | token::Roles::service);
            Orders::Asker asker{who.tenant, who.subject};
            if (quotes) {
                const auto ask = schemas::read_text<QuoteAsk>(
                    question->body, schemas::Unknown::refuse, body_bytes_max);
                if (!ask)
                    return problem(Status::unprocessable_entity, "quote_request_invalid",
                                   ask.error().problem, ask.error().where);
                if (ask->account && !staff && ask->account->value != who.subject)
                    return problem(Status::forbidden, "account_is_not_the_callers", {});
                if (ask->account) asker.account = ask->account->value;
                const auto quote = orders_->quote(asker, *ask, now());
                if (!quote)
                    return problem(quote.error().status, quote.error().code, quote.error().detail);
                std::string bytes;
                http::write_response(question->reply, Status::created, http::json_type, *quote,
                                     bytes);
                count(Status::created);
                server_->answer(question->exchange, std::move(bytes));
                return;
            }
            const auto ask = schemas::read_text<OrderAsk>(question->body, schemas::Unknown::refuse,
                                                          body_bytes_max);
            if (!ask)
                return problem(Status::unprocessable_entity, "command_invalid", ask.error().problem,
                               ask.error().where);
            if (staff) asker.account.clear();
            const auto order = orders_->order(asker, *ask, now());
            if (!order)
                return problem(order.error().status, order.error().code, order.error().detail);

            std::vector<projections::Submission> submissions(1);
            projections::Submission& one = submissions.front();
            one.id = command_id(who.tenant, who.subject, "/v1/deployments", question->key);
            one.stream = "deployment-" + order->deployment.value;
            one.tenant = who.tenant;
            one.actor = who.subject;
            one.trace = question->trace;
            one.time = now();
            one.partition = desk_.partition_of(one.stream);
            one.command =
                std::make_unique<projections::Aggregate<domain::Deployment>::KnownCommand>(*order);
            // A retry finds other facts, and is the same order all the same.
            std::string asked_for;
            schemas::write(*ask, asked_for);
            const auto fingerprint = schemas::fingerprint(domain::PlaceOrder::type, asked_for);
            one.fingerprint.assign(fingerprint.begin(), fingerprint.end());
            one.want_state = true;
            auto asked = std::make_unique<SingleQuestion>();
            asked->door = this;
            asked->exchange = question->exchange;
            asked->reply = question->reply;
            asked->creates = true;
            asked->tenant = who.tenant;
            asked->stream = one.stream;
            asked->id = order->deployment.value;
            asked->command = one.id;
            asked->resource = "deployments";
            asked->from = question->from;
            one.asker = static_cast<Question*>(asked.get());
            if (desk_.submit(std::move(submissions))) {
                (void)asked.release(); // Deletes itself with its answer.
                return;
            }
            std::vector<http::Answer> responses;
            asked.release()->too_many(responses);
            server_->answer(std::move(responses));
        } catch (const std::exception&) {
            problem(Status::service_unavailable, "unavailable", {});
        }
    };
    // What was just changed shall count.
    if (!reads_->run_fresh(projections::view_wait_max, look, late))
        return wrong(view_behind("too many read"));
    return true;
}

} // namespace gateways::market
