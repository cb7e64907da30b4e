// One POST that is one command, until it is answered. Included by the door's own files.

#pragma once

#include "gateways/market/door.hpp"
#include "gateways/market/questions.hpp"

#include <algorithm>
#include <chrono>

namespace gateways::market {

// One POST, one command.
struct Door::SingleQuestion final : Question {
    using Answer = projections::Answer;
    using Status = http::Status;
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::seconds retry_after_{1};

    Door* door = nullptr;
    http::Exchange exchange;
    http::Reply reply;
    bool creates = false;
    std::string tenant, stream, id, command;
    std::string_view resource;
    Clock::time_point from;

    void answered(Answer& answer, std::vector<http::Answer>& responses) override {
        const std::unique_ptr<SingleQuestion> self{this};
        // Decided before, or elsewhere: the state as it was then has to be looked up.
        if (answer.kind == Answer::Kind::accepted && answer.state.empty() &&
            door->reads_ != nullptr && answer.sequence > 0) {
            const std::shared_ptr<SingleQuestion> kept{new SingleQuestion{*this}};
            const std::shared_ptr<Answer> then{new Answer{std::move(answer)}};
            door->reads_->run_at(
                then->position, projections::view_wait_max, [kept, then] { kept->look_up(*then); },
                [kept, then] { kept->cannot_look_up(); });
            return;
        }
        std::string bytes;
        respond(answer, bytes);
        responses.push_back({exchange, std::move(bytes)});
    }

    void too_many(std::vector<http::Answer>& responses) override {
        const std::unique_ptr<SingleQuestion> self{this};
        std::string bytes;
        door->refuse(reply,
                     {.status = Status::too_many_requests,
                      .code = "too_many_commands",
                      .detail = "too many commands wait; ask again with the same key",
                      .retryable = true,
                      .retry_after = retry_after_},
                     bytes);
        responses.push_back({exchange, std::move(bytes)});
    }

    void look_up(Answer& answer) {
        std::string bytes;
        try {
            const auto then = door->reads_->then(tenant, stream, answer.sequence);
            if (!then) return cannot_look_up();
            accept(answer, then->body, bytes);
        } catch (const std::exception&) {
            return cannot_look_up();
        }
        door->server_->answer(exchange, std::move(bytes));
    }

    // The command is decided; only its answer cannot be told yet.
    void cannot_look_up() {
        door->refuse(exchange, reply,
                     view_behind("the command was taken; ask again with the same key"));
    }

    void respond(Answer& answer, std::string& bytes) {
        const CommandAnswer told = to_client(answer, creates);
        if (told.code.empty())
            return accept(answer,
                          resource_json(id, answer.sequence, answer.position, answer.created,
                                        answer.updated, answer.state),
                          bytes);
        door->count(told.status);
        door->meter_.commands.add(static_cast<std::uint64_t>((Clock::now() - from).count()));
        // A remembered refusal has to be the same each time, so it carries the command's
        // identity where others carry the request's.
        http::Reply stable = reply;
        if (!told.retryable)
            std::copy_n(command.begin(), stable.request_id.size(), stable.request_id.begin());
        const std::array<http::Header, 1> replayed{http::Header{"Idempotent-Replayed", "true"}};
        http::write_problem(stable,
                            {.status = told.status,
                             .code = told.code,
                             .detail = answer.reason,
                             .retryable = told.retryable,
                             .retry_after = told.retryable
                                                ? std::optional<std::chrono::seconds>{retry_after_}
                                                : std::nullopt,
                             .headers = answer.replayed ? std::span<const http::Header>{replayed}
                                                        : std::span<const http::Header>{}},
                            bytes);
    }

    void accept(const Answer& answer, std::string_view body, std::string& bytes) {
        const Status status = creates ? Status::created : Status::ok;
        const std::string tag = etag(answer.sequence);
        const std::string location = "/v1/" + std::string{resource} + "/" + id;
        std::array<http::Header, 3> headers;
        std::size_t count = 0;
        headers[count++] = {"ETag", tag};
        if (creates) headers[count++] = {"Location", location};
        if (answer.replayed) headers[count++] = {"Idempotent-Replayed", "true"};
        http::write_response(reply, status, http::json_type, std::span{headers}.first(count), body,
                             bytes);
        door->count(status);
        door->meter_.commands.add(static_cast<std::uint64_t>((Clock::now() - from).count()));
    }
};

} // namespace gateways::market
