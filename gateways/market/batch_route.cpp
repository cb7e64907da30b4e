// POST /v1/commands: up to a thousand commands, each with its own answer.

#include "gateways/market/door.hpp"
#include "gateways/market/questions.hpp"
#include "schemas/parser.hpp"

#include <algorithm>
#include <charconv>

namespace gateways::market {

using http::Known;
using http::Problem;
using http::Status;
using projections::Answer;
using projections::Submission;
using Clock = std::chrono::steady_clock;

namespace {

void append_number(std::string& out, std::int64_t number) {
    char digits[24];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

} // namespace

struct Door::BatchQuestion final : Question {
    struct ItemAnswer {
        unsigned status = 0;
        bool replayed = false, approximate = false;
        std::uint64_t version = 0;
        bus::PartitionOffset position;
        std::string stream, id, code, where, detail;
    };

    Door* door = nullptr;
    http::Exchange exchange;
    http::Reply reply;
    std::vector<ItemAnswer> items;
    std::vector<bool> creates;
    std::atomic<std::size_t> left{0};
    Clock::time_point from;

    void answered(Answer& answer, std::vector<http::Answer>& responses) override {
        ItemAnswer& item = items[answer.asker_item];
        const CommandAnswer told = to_client(answer, creates[answer.asker_item]);
        item.status = static_cast<unsigned>(told.status);
        item.code = told.code;
        item.detail = std::move(answer.reason);
        item.version = answer.sequence;
        item.position = answer.position;
        item.replayed = answer.replayed;
        item.approximate = answer.approximate && told.code.empty();
        finish_one(responses);
    }

    void finish_one(std::vector<http::Answer>& responses) {
        if (--left > 0) return;
        if (door->reads_ != nullptr &&
            std::ranges::any_of(items, [](const ItemAnswer& item) { return item.approximate; }))
            return locate(std::shared_ptr<BatchQuestion>{this}, 0);
        const std::unique_ptr<BatchQuestion> self{this};
        responses.push_back({exchange, response()});
    }

    // Answers of another instance do not say where exactly their events are; the view does, as
    // soon as it has them. One item after the other, from `at` on.
    static void locate(std::shared_ptr<BatchQuestion> self, std::size_t at) {
        while (at < self->items.size() && !self->items[at].approximate)
            ++at;
        if (at == self->items.size())
            return self->door->server_->answer(self->exchange, self->response());
        const bus::PartitionOffset beyond = self->items[at].position;
        self->door->reads_->run_at(
            beyond, projections::view_wait_max,
            [self, at] {
                ItemAnswer& item = self->items[at];
                if (const auto found = self->door->reads_->position(item.stream, item.version))
                    item.position = *found;
                locate(self, at + 1);
            },
            [self, at] {
                // Decided, but its answer cannot be told yet: the same key will get it.
                ItemAnswer& item = self->items[at];
                const Problem behind = view_behind({});
                item.status = static_cast<unsigned>(behind.status);
                item.code = behind.code;
                locate(self, at + 1);
            });
    }

    std::string response() const {
        std::string body = R"({"answers":[)";
        body.reserve(32 + items.size() * 110);
        for (const ItemAnswer& item : items) {
            if (body.back() == '}') body.push_back(',');
            append(item, body);
        }
        body.append("]}");
        std::string bytes;
        bytes.reserve(body.size() + 300);
        http::write_response(reply, Status::ok, http::json_type, body, bytes);
        door->count(Status::ok);
        door->meter_.batches.add(static_cast<std::uint64_t>((Clock::now() - from).count()));
        return bytes;
    }

    static void append(const ItemAnswer& item, std::string& body) {
        body.append(R"({"status":)");
        append_number(body, item.status);
        if (!item.id.empty()) body.append(R"(,"id":")").append(item.id).append("\"");
        if (item.code.empty()) {
            body.append(R"(,"version":)");
            append_number(body, static_cast<std::int64_t>(item.version));
            body.append(R"(,"position":")");
            append_number(body, item.position.partition);
            body.push_back(':');
            append_number(body, item.position.offset);
            body.push_back('"');
        } else {
            body.append(R"(,"code":")").append(item.code).append("\"");
            if (!item.where.empty()) {
                body.append(R"(,"field":)");
                schemas::write(item.where, body);
            }
            if (!item.detail.empty()) {
                body.append(R"(,"detail":)");
                schemas::write(item.detail, body);
            }
        }
        if (item.replayed) body.append(R"(,"replayed":true)");
        body.push_back('}');
    }
};

void Door::post_batch(const http::Request& request, http::Exchange exchange,
                      const token::Principal& principal, std::string& answer) {
    const auto wrong = [&](std::string_view code, std::string_view detail) {
        refuse(request.reply, {.status = Status::bad_request, .code = code, .detail = detail},
               answer);
    };
    std::string_view key; // Each command has its own.
    if (!read_head(request, false, key, answer)) return;
    const auto json = schemas::thread_parser().parse(request.body, request.body.size());
    if (!json) return wrong("malformed_json", json.error().problem);
    simdjson::dom::object whole;
    simdjson::dom::array list;
    if (json->get(whole) != simdjson::SUCCESS || whole.size() != 1 ||
        whole["commands"].get(list) != simdjson::SUCCESS)
        return wrong("batch_invalid", "the body has to be {\"commands\": [...]}");
    const std::size_t count = list.size();
    if (count == 0 || count > options_.batch_commands_max)
        return wrong("batch_invalid", "a batch holds 1 to 1000 commands");

    auto question = std::make_unique<BatchQuestion>();
    question->door = this;
    question->exchange = exchange;
    question->reply = request.reply;
    question->items.resize(count);
    question->creates.resize(count);
    question->from = Clock::now();
    std::vector<Submission> submissions;
    submissions.reserve(count);
    const std::string_view trace = request.header(Known::traceparent);
    std::size_t at = 0;
    for (const schemas::Json element : list) {
        auto& told = question->items[at];
        ItemProblem problem;
        Submission submission;
        if (read_batch_item(element, principal, trace, submission, problem)) {
            question->creates[at] = submission.creates;
            told.stream = submission.stream;
            told.id = submission.stream.substr(submission.stream.find('-') + 1);
            submission.asker = static_cast<Question*>(question.get());
            submission.asker_item = at;
            submissions.push_back(std::move(submission));
        } else {
            told.status = static_cast<unsigned>(problem.status);
            told.code = problem.code;
            told.where = problem.where;
            told.detail = problem.detail;
        }
        ++at;
    }
    // One more than there are answers to come, so that none of them ends the question while it
    // is still being asked.
    question->left = submissions.size() + 1;
    if (!submissions.empty() && !desk_.submit(std::move(submissions)))
        return refuse(request.reply,
                      {.status = Status::too_many_requests,
                       .code = "too_many_commands",
                       .detail = "too many commands wait; ask again with the same keys",
                       .retryable = true,
                       .retry_after = std::chrono::seconds{1}},
                      answer);
    std::vector<http::Answer> responses;
    question.release()->finish_one(responses); // Deletes itself with its last answer.
    if (!responses.empty()) answer = std::move(responses.front().bytes);
}

// {"key", "type", "id" (unless it creates), "data"}.
bool Door::read_batch_item(const schemas::Json& element, const token::Principal& principal,
                           std::string_view trace, Submission& submission, ItemProblem& problem) {
    Item item;
    std::optional<schemas::Json> data;
    simdjson::dom::object fields;
    const auto wrong = [&](std::string_view where, std::string_view detail) {
        problem = {Status::unprocessable_entity, "command_invalid", std::string{where},
                   std::string{detail}};
        return false;
    };
    if (element.get(fields) != simdjson::SUCCESS) return wrong("", "is not an object");
    for (const auto field : fields) {
        std::string_view* text = field.key == "key"    ? &item.key
                                 : field.key == "type" ? &item.type
                                 : field.key == "id"   ? &item.id
                                                       : nullptr;
        if (field.key == "data" && !data)
            data = field.value;
        else if (text == nullptr || !text->empty())
            return wrong(field.key, "is unknown or there twice");
        else if (field.value.get(*text) != simdjson::SUCCESS)
            return wrong(field.key, "is not a string");
    }
    if (!is_key(item.key)) return wrong("key", "is not 1 to 200 visible characters");
    item.route = command_route(item.type);
    if (item.route == nullptr) return wrong("type", "is no command");
    submission.creates = item.route->verb.empty();
    if (submission.creates != item.id.empty())
        return wrong("id", submission.creates ? "is given, but a new one is made" : "is missing");
    if (!submission.creates && !is_id(item.id)) {
        problem = {Status::not_found, "not_found", {}, {}};
        return false;
    }
    if (!data) return wrong("data", "is missing");
    read_item(item, *data, "data", principal, trace, submission, problem);
    return problem.code.empty();
}

} // namespace gateways::market
