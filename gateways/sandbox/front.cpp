#include "gateways/sandbox/front.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/json.hpp>

namespace gateways::sandbox {

namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

// What a settled future would not hold: about the year 5000.
constexpr std::int64_t seconds_max = 100'000'000'000;

Call copy_of(const http::Request& request) {
    Call call;
    call.verb = request.verb;
    call.path = request.path;
    call.query = request.query;
    call.body = request.body;
    call.request_id = request.reply.id();
    call.headers.reserve(request.headers.size());
    for (const http::Header& header : request.headers)
        call.headers.emplace_back(header.name, header.value);
    return call;
}

void write(const http::Reply& reply, const Answer& answer, std::string& out) {
    std::vector<http::Header> headers;
    for (const auto& [name, value] : answer.headers)
        headers.push_back({name, value});
    http::write_response(reply, static_cast<http::Status>(answer.status), http::json_type, headers,
                         answer.body, out);
}

const json::object* object_in(const json::value& value) { return value.if_object(); }

http::Options server_options(const FrontOptions& given) {
    http::Options options;
    options.address = given.address;
    options.port = given.port;
    options.threads = given.threads;
    return options;
}

Answer description(const Clock& clock) {
    return json_answer(200, json::object{{"now", unix_seconds(clock.now())},
                                         {"milliseconds", clock.now().time_since_epoch().count()},
                                         {"frozen", clock.frozen()}});
}

} // namespace

std::string_view Call::header(std::string_view name) const {
    for (const auto& [field, value] : headers)
        if (boost::beast::iequals(field, {name.data(), name.size()})) return value;
    return {};
}

Answer json_answer(unsigned status, const json::value& body) {
    Answer answer;
    answer.status = status;
    answer.body = json::serialize(body);
    return answer;
}

Answer refused(unsigned status, std::string_view message) {
    return json_answer(status, json::object{{"error", json::object{{"message", message}}}});
}

Front::Front(const FrontOptions& options, Protocol& protocol)
    : clock_{options.clock ? options.clock : std::make_shared<Clock>()},
      protocol_{protocol},
      server_{server_options(options), *this} {}

Front::~Front() { stop(); }

void Front::start() {
    running_ = true;
    listener_ = clock_->listen([this] { protocol_.settle(); });
    later_.start();
    settle_again();
    server_.start();
}

void Front::stop() {
    if (!std::exchange(running_, false)) return;
    clock_->forget(listener_);
    server_.stop(milliseconds{0});
    later_.stop();
}

void Front::settle_again() {
    later_.after(settle_every, [this] {
        protocol_.settle();
        settle_again();
    });
}

void Front::handle(const http::Request& request, http::Exchange exchange, std::string& out) {
    const Call call = copy_of(request);
    Answer answer;
    try {
        answer = call.path.starts_with("/sandbox/") ? control(call) : protocol_.answer(call);
    } catch (const std::exception& fault) {
        answer = refused(500, fault.what());
    }
    if (answer.cut) throw Cut{};
    if (answer.hold.count() > 0 || answer.then)
        hold(exchange, request.reply, std::move(answer));
    else
        write(request.reply, answer, out);
}

void Front::hold(http::Exchange exchange, const http::Reply& reply, Answer answer) {
    const milliseconds wait = answer.hold;
    later_.after(wait, [this, exchange, reply, answer = std::move(answer)] {
        std::string bytes;
        write(reply, answer.then ? answer.then() : answer, bytes);
        server_.answer(exchange, std::move(bytes));
    });
}

Answer Front::control(const Call& call) {
    try {
        if (call.path == "/sandbox/clock") return control_clock(call);
        if (call.path == "/sandbox/faults") return control_faults(call);
        if (auto answer = protocol_.control(call)) return std::move(*answer);
    } catch (const BadScript& bad) {
        return refused(400, bad.reason);
    } catch (const boost::system::system_error& bad) {
        return refused(400, bad.what());
    }
    return refused(404, "there is no such control");
}

Answer Front::control_clock(const Call& call) {
    if (call.verb == http::Verb::get) return description(*clock_);
    if (call.verb != http::Verb::post) return refused(405, "GET or POST");
    const json::value body = json::parse(call.body);
    const json::object* given = object_in(body);
    if (given == nullptr) return refused(400, "an object is needed");
    std::optional<std::int64_t> now, advance;
    std::optional<bool> frozen;
    for (const auto& field : *given) {
        const json::value& value = field.value();
        if (field.key() == "frozen" && value.is_bool())
            frozen = value.get_bool();
        else if (field.key() == "now" && value.is_int64())
            now = value.get_int64();
        else if (field.key() == "advance_seconds" && value.is_int64())
            advance = value.get_int64();
        else
            return refused(400, "now and advance_seconds are whole numbers, frozen is true or "
                                "false; there is nothing else");
    }
    const auto sensible = [](std::int64_t seconds) {
        return seconds >= 0 && seconds <= seconds_max;
    };
    if (!sensible(now.value_or(0)) || !sensible(advance.value_or(0)))
        return refused(400, "that is no time to go to");
    if (frozen) clock_->freeze(*frozen);
    if (now) clock_->set(Time{std::chrono::seconds{*now}});
    if (advance) clock_->advance(std::chrono::seconds{*advance});
    return description(*clock_);
}

Answer Front::control_faults(const Call& call) {
    if (call.verb == http::Verb::delete_) {
        faults_.clear();
    } else if (call.verb == http::Verb::post) {
        const json::value body = json::parse(call.body);
        const json::object* given = object_in(body);
        if (given == nullptr) return refused(400, "an object is needed");
        faults_.add(*given);
    } else if (call.verb != http::Verb::get) {
        return refused(405, "GET, POST or DELETE");
    }
    return json_answer(200, faults_.describe());
}

} // namespace gateways::sandbox
