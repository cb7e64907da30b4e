#include "tests/crash/worker.hpp"

#include <xxhash.h>

namespace tests::crash {

namespace {

using namespace std::chrono_literals;
using load::Failure;
using load::Response;

constexpr std::size_t batch_max = 40;

std::string hash_of(int status, std::string_view body) {
    const auto hash =
        XXH3_64bits_withSeed(body.data(), body.size(), static_cast<XXH64_hash_t>(status));
    std::string hex;
    for (int shift = 60; shift >= 0; shift -= 4)
        hex.push_back("0123456789abcdef"[(hash >> shift) & 15]);
    return hex;
}

std::string_view text_field(const simdjson::dom::element& json, const char* field) {
    std::string_view value;
    if (json[field].get(value) != simdjson::SUCCESS) return {};
    return value;
}

std::uint64_t number(const simdjson::dom::element& json, const char* field) {
    std::uint64_t value = 0;
    if (json[field].get(value) != simdjson::SUCCESS) return 0;
    return value;
}

// Nothing was decided, or nobody can tell: the same has to be asked again.
bool unclear(int status) {
    return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

bool was_taken(int status) { return status == 200 || status == 201; }

} // namespace

Client::Worker::Worker(Client& client, std::size_t number)
    : client_{client},
      workload_{client.options_.seed * 1'000'003 + number,
                client.options_.name + "-" + std::to_string(number)},
      connection_{client.loop_, *this,
                  client.options_.servers[number % client.options_.servers.size()],
                  client.options_.time_out},
      server_{number % client.options_.servers.size()} {}

void Client::Worker::drive(load::Clock::time_point now) {
    if (job_ == Job::none) {
        begin();
    } else if (waiting_ && now >= again_at_) {
        waiting_ = false;
        send();
    }
}

void Client::Worker::begin() {
    if (!client_.may_begin(1)) return;
    begun_at_ = load::Clock::now();
    attempts_ = 0;
    items_.clear();
    const auto& known = client_.known_;
    if (!client_.twins_.empty()) {
        const Known twin = std::move(client_.twins_.front());
        client_.twins_.pop_front();
        return begin_repeat(twin);
    }
    switch (workload_.draw(20)) {
    case 0:
        if (!known.empty()) return begin_repeat(known[workload_.draw(known.size())]);
        break;
    case 1:
        if (!known.empty()) {
            const Known& one = known[workload_.draw(known.size())];
            if (one.other_body.empty()) break;
            job_ = Job::reuse;
            Step step{.key = one.key, .path = one.path, .type = one.type, .body = one.body};
            items_.push_back({.step = step});
            request_ = post(one.path, one.key, one.other_body);
            return send();
        }
        break;
    case 2:
        if (const Workload::Known* payment = workload_.any()) return begin_read(*payment);
        break;
    default: break;
    }
    begin_fresh();
}

void Client::Worker::begin_fresh() {
    std::vector<Step> steps;
    const auto kind = workload_.draw(25);
    if (kind == 0) {
        steps = workload_.several(2 + workload_.draw(batch_max - 2));
    } else if (kind == 1) {
        steps = workload_.life([&](const std::string& key) {
            const Identity& identity = client_.options_.identity;
            return identity.resource(identity.command("/v1/payments", key));
        });
    } else {
        steps.push_back(workload_.next());
    }
    job_ = steps.size() > 1 ? Job::batch : Job::command;
    for (Step& step : steps) {
        write(Sent{step.key, step.path, step.type, step.body}, client_.journal_.lines());
        items_.push_back({.step = std::move(step)});
    }
    client_.tally_.commands += items_.size();
    if (job_ == Job::batch) {
        client_.budget_ -= static_cast<double>(items_.size() - 1);
        ++client_.tally_.batches;
        request_ = post("/v1/commands", {}, batch_body());
    } else {
        const Step& step = items_.front().step;
        request_ = post(step.path, step.key, step.body);
    }
    for (const Item& item : items_)
        client_.twin(item.step);
    send();
}

void Client::Worker::begin_repeat(const Known& known) {
    const Step step{.key = known.key,
                    .path = known.path,
                    .type = known.type,
                    .body = known.body,
                    .payment_id = known.payment_id};
    items_.push_back({.step = step});
    // Either door knows a command by its key, whichever it came in by.
    job_ = workload_.draw(4) == 0 ? Job::repeat_batch : Job::repeat;
    request_ = job_ == Job::repeat ? post(step.path, step.key, step.body)
                                   : post("/v1/commands", {}, batch_body());
    ++client_.tally_.repeats;
    send();
}

void Client::Worker::begin_read(const Workload::Known& payment) {
    job_ = Job::read;
    version_ = payment.version;
    request_ = "GET /v1/payments/" + payment.id +
               " HTTP/1.1\r\nHost: market\r\nAuthorization: " + "Bearer " + client_.options_.token +
               "\r\nMin-Position: " + payment.position + "\r\n\r\n";
    ++client_.tally_.reads;
    send();
}

std::string Client::Worker::post(std::string_view path, std::string_view key,
                                 std::string_view body) const {
    std::string request{"POST "};
    request.append(path).append(" HTTP/1.1\r\nHost: market\r\nAuthorization: Bearer ");
    request.append(client_.options_.token).append("\r\nContent-Type: application/json\r\n");
    if (!key.empty()) request.append("Idempotency-Key: ").append(key).append("\r\n");
    request.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n");
    return request.append(body);
}

std::string Client::Worker::batch_body() const {
    std::string body = R"({"commands":[)";
    for (const Item& item : items_) {
        const Step& step = item.step;
        if (body.back() != '[') body.push_back(',');
        body.append(R"({"key":")").append(step.key).append(R"(","type":")").append(step.type);
        body.push_back('"');
        if (!step.payment_id.empty())
            body.append(R"(,"id":")").append(step.payment_id).append("\"");
        body.append(R"(,"data":)").append(step.body).append("}");
    }
    return body.append("]}");
}

void Client::Worker::send() {
    ++attempts_;
    // All that was acknowledged, and what is about to be sent, is on record from here on.
    client_.journal_.flush();
    connection_.send(request_);
}

void Client::Worker::again(bool elsewhere) {
    ++client_.tally_.retries;
    const auto& servers = client_.options_.servers;
    if (elsewhere && servers.size() > 1) {
        server_ = (server_ + 1) % servers.size();
        connection_.move_to(servers[server_]);
    }
    waiting_ = true;
    const auto wait = std::min(5ms * attempts_, 100ms);
    again_at_ = load::Clock::now() + wait;
    // A command has to be decided some day, with a server that is up again.
    if (attempts_ % 1000 == 0)
        complain("no answer after " + std::to_string(attempts_) +
                 " attempts: " + (items_.empty() ? "a read" : items_.front().step.key));
}

// Only when all of a batch are answered: they were decided in the order they stand in, though
// answers may have come in several attempts.
void Client::Worker::conclude() {
    for (const Item& item : items_) {
        if (!fresh() || !item.done) continue;
        const std::string wrong = workload_.conclude(item.step, was_taken(item.status), item.code,
                                                     item.id, item.version, item.position);
        if (!wrong.empty())
            complain(item.step.key + " " + item.step.path + " was answered " +
                     std::to_string(item.status) + " " + item.code + " version " +
                     std::to_string(item.version) + ", and " + wrong);
    }
}

void Client::Worker::finish() {
    conclude();
    job_ = Job::none;
    begin();
}

void Client::Worker::complain(const std::string& text_field) {
    write_complaint(text_field, client_.journal_.lines());
}

void Client::Worker::failed(load::Connection&, Failure failure) {
    if (failure == Failure::malformed) complain("an answer that is not HTTP");
    again(true);
}

void Client::Worker::answered(load::Connection&, const Response& response) {
    if (unclear(response.status)) {
        if (response.status == 500) complain("status 500: " + std::string{response.body});
        return again(true);
    }
    switch (job_) {
    case Job::command:
    case Job::repeat: return single_answered(response);
    case Job::batch:
    case Job::repeat_batch: return batch_answered(response);
    case Job::reuse: return reuse_answered(response);
    case Job::read: return read_answered(response);
    case Job::none: return complain("an answer nobody waits for");
    }
}

void Client::Worker::single_answered(const Response& response) {
    Item& item = items_.front();
    simdjson::dom::element json;
    const bool readable =
        client_.parser_.parse(response.body.data(), response.body.size()).get(json) ==
        simdjson::SUCCESS;
    const std::string hash = hash_of(response.status, response.body);
    Answered answer{.status = response.status, .hash = hash};
    answer.replayed = response.header("Idempotent-Replayed") == "true";
    if (readable) {
        answer.id = text_field(json, "id");
        answer.version = number(json, "version");
        answer.position = text_field(json, "position");
        answer.code = text_field(json, "code");
    }
    if (!take(item, answer))
        complain("status " + std::to_string(response.status) + " for " + item.step.key + " " +
                 item.step.path + ": " + std::string{response.body.substr(0, 300)});
    finish();
}

void Client::Worker::batch_answered(const Response& response) {
    simdjson::dom::element json;
    simdjson::dom::array answers;
    if (client_.parser_.parse(response.body.data(), response.body.size()).get(json) !=
            simdjson::SUCCESS ||
        json["answers"].get(answers) != simdjson::SUCCESS || answers.size() != items_.size()) {
        complain("status " + std::to_string(response.status) +
                 " for a batch: " + std::string{response.body.substr(0, 300)});
        return finish();
    }
    bool all = true;
    auto item = items_.begin();
    for (const simdjson::dom::element one : answers) {
        const auto status = static_cast<int>(number(one, "status"));
        Answered answer{.via = Via::batch, .status = status};
        bool replayed = false;
        if (one["replayed"].get(replayed) == simdjson::SUCCESS) answer.replayed = replayed;
        answer.id = text_field(one, "id");
        answer.version = number(one, "version");
        answer.position = text_field(one, "position");
        answer.code = text_field(one, "code");
        if (unclear(status))
            all = false;
        else if (!take(*item, answer))
            complain("status " + std::to_string(status) + " in a batch for " + item->step.key);
        ++item;
    }
    if (!all) return again(true);
    finish();
}

bool Client::Worker::take(Item& item, Answered answer) {
    const Step& step = item.step;
    if (!was_taken(answer.status) && answer.status != 404 && answer.status != 409) return false;
    answer.key = step.key;
    answer.path = step.path;
    // A refusal's version and position are nobody's promise.
    if (!was_taken(answer.status)) {
        answer.version = 0;
        answer.position = {};
    }
    write(answer, client_.journal_.lines());
    ++client_.tally_.acknowledged;
    const bool was_accepted = was_taken(answer.status);
    if (was_accepted && !answer.replayed)
        client_.accepted_at(answer.position, connection_.sent_at());
    if (!fresh() || std::exchange(item.done, true)) return true;
    client_.remember(step);
    item.status = answer.status;
    item.code = answer.code;
    item.id = answer.id;
    item.version = answer.version;
    item.position = answer.position;
    return true;
}

void Client::Worker::reuse_answered(const Response& response) {
    const Step& step = items_.front().step;
    simdjson::dom::element json;
    std::string_view code;
    if (client_.parser_.parse(response.body.data(), response.body.size()).get(json) ==
        simdjson::SUCCESS)
        code = text_field(json, "code");
    write(Reused{step.key, step.path, response.status, code}, client_.journal_.lines());
    finish();
}

void Client::Worker::read_answered(const Response& response) {
    simdjson::dom::element json;
    std::uint64_t version = 0;
    if (response.status == 200 &&
        client_.parser_.parse(response.body.data(), response.body.size()).get(json) ==
            simdjson::SUCCESS)
        version = number(json, "version");
    if (version != version_)
        complain("read status " + std::to_string(response.status) + " version " +
                 std::to_string(version) + " of a payment with version " +
                 std::to_string(version_) + ": " + request_.substr(0, request_.find(' ', 4)));
    finish();
}

} // namespace tests::crash
