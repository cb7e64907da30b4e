// POST /v1/webhooks/stripe: what Stripe tells by itself. It has no token: its signature over the
// raw body says who it is. 200 means that the message is kept for good; what it means is found out
// later, by a worker.

#include "domain/inbound_event.hpp"
#include "gateways/market/door.hpp"
#include "gateways/market/identity.hpp"
#include "gateways/market/questions.hpp"
#include "gateways/stripe/webhook.hpp"
#include "schemas/messages.hpp"

namespace gateways::market {

using http::Status;
using projections::Answer;
using stripe::MessageFault;

namespace {

using Messages = projections::Aggregate<domain::InboundEvent>;

constexpr std::size_t command_id_bytes_max = 200;
constexpr std::chrono::seconds ask_again_after{1};

http::Problem problem_of(MessageFault fault) {
    switch (fault) {
    case MessageFault::too_large:
        return {.status = Status::payload_too_large,
                .code = "message_too_large",
                .detail = "a message has at most a mebibyte"};
    case MessageFault::unreadable:
        return {.status = Status::bad_request,
                .code = "message_unreadable",
                .detail = "the body is no event of the kind that is understood here"};
    case MessageFault::timestamp_outside:
        return {.status = Status::bad_request,
                .code = "timestamp_outside",
                .detail = "it was signed more than five minutes ago, or ahead"};
    case MessageFault::signature_missing:
        return {.status = Status::bad_request,
                .code = "signature_missing",
                .detail = "Stripe-Signature has to have a time and a v1"};
    case MessageFault::signature_invalid:
    case MessageFault::no_secret: break;
    }
    return {.status = Status::bad_request,
            .code = "signature_invalid",
            .detail = "no v1 of Stripe-Signature is made of this body with a secret of ours"};
}

} // namespace

struct Door::WebhookQuestion final : Question {
    Door* door = nullptr;
    http::Exchange exchange;
    http::Reply reply;

    void answered(Answer& answer, std::vector<http::Answer>& responses) override {
        const std::unique_ptr<WebhookQuestion> self{this};
        const CommandAnswer told = to_client(answer, false);
        WebhookMeter& meter = door->meter_.webhooks;
        if (told.retryable) return try_again(responses);
        std::string bytes;
        if (told.code.empty()) {
            ++(answer.replayed ? meter.repeated : meter.received);
            http::write_response(reply, Status::ok, {}, {}, bytes);
            door->count(Status::ok);
        } else {
            ++meter.refused;
            door->refuse(reply, {.status = told.status, .code = told.code, .detail = answer.reason},
                         bytes);
        }
        responses.push_back({exchange, std::move(bytes)});
    }

    void too_many(std::vector<http::Answer>& responses) override {
        const std::unique_ptr<WebhookQuestion> self{this};
        try_again(responses);
    }

    // Nothing was kept, so the sender has to come again; it does so for days.
    void try_again(std::vector<http::Answer>& responses) const {
        ++door->meter_.webhooks.unavailable;
        std::string bytes;
        door->refuse(reply,
                     {.status = Status::service_unavailable,
                      .code = "unavailable",
                      .detail = "the message was not kept; send it again",
                      .retryable = true,
                      .retry_after = ask_again_after},
                     bytes);
        responses.push_back({exchange, std::move(bytes)});
    }
};

void Door::post_webhook(const http::Request& request, http::Exchange exchange,
                        std::string& answer) {
    if (request.verb != http::Verb::post) return refuse_route(request, answer);
    const WebhookOptions& options = options_.webhooks;
    if (options.stripe_secrets.empty())
        return refuse(request.reply,
                      {.status = Status::not_found,
                       .code = "route_not_found",
                       .detail = "this instance takes no webhooks"},
                      answer);
    const auto refuse_message = [&](MessageFault fault) {
        ++meter_.webhooks.refused;
        refuse(request.reply, problem_of(fault), answer);
    };
    const domain::Time time = now();
    const auto signed_at = stripe::verify(request.header("Stripe-Signature"), request.body,
                                          options.stripe_secrets, time);
    if (!signed_at) return refuse_message(signed_at.error());
    auto received = stripe::receive(request.body, *signed_at, time, options.live);
    if (!received) return refuse_message(received.error());
    if (received->other_version) ++meter_.webhooks.other_version;

    std::vector<projections::Submission> submissions(1);
    projections::Submission& message = submissions.front();
    message.stream = std::move(received->directive.stream);
    // The message's own id: sent again it is the same command, whenever and however it comes.
    const std::string_view id =
        std::string_view{message.stream}.substr(domain::InboundEvent::name.size() + 1);
    message.id = id.size() <= command_id_bytes_max
                     ? std::string{id}
                     : command_id(options.tenant, "stripe", stripe_webhook_path, id);
    // What is refused for its mode is refused under another id: once the mode is put right, the
    // message is sent again, and is to be taken.
    const auto& command = std::get<domain::ReceiveInboundEvent>(
        std::get<domain::InboundEventCommand>(received->directive.command));
    if (command.live != command.live_expected)
        message.id = command_id(options.tenant, "stripe", "mode", id);
    const auto same = schemas::fingerprint(domain::ReceiveInboundEvent::type, id);
    message.fingerprint.assign(same.begin(), same.end());
    message.tenant = options.tenant;
    message.actor = "stripe";
    message.time = time;
    message.partition = desk_.partition_of(message.stream);
    message.command = std::make_unique<Messages::KnownCommand>(
        std::get<domain::InboundEventCommand>(std::move(received->directive.command)));
    auto question = std::make_unique<WebhookQuestion>();
    question->door = this;
    question->exchange = exchange;
    question->reply = request.reply;
    message.asker = static_cast<Question*>(question.get());
    if (desk_.submit(std::move(submissions))) {
        (void)question.release(); // Deletes itself with its answer.
        return;
    }
    std::vector<http::Answer> responses;
    question.release()->too_many(responses);
    answer.append(responses.front().bytes);
}

} // namespace gateways::market
