#include "tests/crash/fake_market.hpp"

#include "bus/topic.hpp"
#include "schemas/codec.hpp"

#include <boost/describe/enum_to_string.hpp>
#include <openssl/evp.h>

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace tests::crash {

std::string sha256(std::string_view bytes) {
    std::array<unsigned char, 32> digest;
    EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
    std::string hex;
    for (const unsigned byte : digest) {
        hex.push_back("0123456789abcdef"[byte >> 4]);
        hex.push_back("0123456789abcdef"[byte & 15]);
    }
    return hex;
}

namespace {

std::string header(std::string_view head, std::string_view name) {
    const auto at = head.find("\r\n" + std::string{name} + ": ");
    if (at == std::string_view::npos) return {};
    const auto begin = at + name.size() + 4;
    return std::string{head.substr(begin, head.find("\r\n", begin) - begin)};
}

bool accepted(int status) { return status == 200 || status == 201; }

} // namespace

FakeMarket::FakeMarket(Identity identity, std::uint64_t seed, Plant plant)
    : identity_{std::move(identity)},
      plant_{plant},
      random_{seed},
      listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    auto* address = reinterpret_cast<sockaddr*>(&at);
    if (::bind(listener_, address, size) != 0 || ::listen(listener_, 64) != 0 ||
        ::getsockname(listener_, address, &size) != 0)
        throw std::system_error{errno, std::generic_category(), "a listening socket"};
    port_ = ntohs(at.sin_port);
    thread_ = std::thread{[this] { run(); }};
}

FakeMarket::~FakeMarket() {
    stop();
    ::close(listener_);
}

void FakeMarket::stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
}

void FakeMarket::tell(Audit& audit) const {
    for (const Record& one : log_)
        audit.logged(one.partition, one.offset, one.value);
}

void FakeMarket::run() {
    std::vector<Line> lines;
    while (!stopping_) {
        std::vector<pollfd> watched{{listener_, POLLIN, 0}};
        for (const Line& line : lines)
            watched.push_back({line.socket, POLLIN, 0});
        ::poll(watched.data(), watched.size(), 10);
        for (std::size_t i = lines.size(); i-- > 0;)
            if (watched[i + 1].revents != 0 && !serve(lines[i])) {
                ::close(lines[i].socket);
                lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(i));
            }
        if (watched[0].revents != 0)
            lines.push_back({::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC), {}});
    }
    for (const Line& line : lines)
        ::close(line.socket);
}

bool FakeMarket::serve(Line& line) {
    std::array<char, 65536> buffer;
    const ssize_t got = ::recv(line.socket, buffer.data(), buffer.size(), 0);
    if (got <= 0) return false;
    line.input.append(buffer.data(), static_cast<std::size_t>(got));
    const auto end = line.input.find("\r\n\r\n");
    if (end == std::string::npos) return true;
    const std::string length = header(line.input.substr(0, end + 2), "Content-Length");
    std::size_t size = 0;
    std::from_chars(length.data(), length.data() + length.size(), size);
    if (line.input.size() < end + 4 + size) return true;
    const std::string head = line.input.substr(0, end + 2), body = line.input.substr(end + 4);
    line.input.clear();
    return one_request(line, head, body);
}

bool FakeMarket::one_request(Line& line, std::string_view head, std::string_view body) {
    const auto luck = random_() % 50;
    if (luck == 0) return false; // Ends before anything is done,
    int status = 503;
    bool replayed = false;
    std::string answer = "{}";
    if (luck != 1) answer = handle(head, body, status, replayed);
    if (luck == 2) return false; // or after all is done.
    std::string response = "HTTP/1.1 " + std::to_string(status) +
                           " Status\r\nContent-Length: " + std::to_string(answer.size()) + "\r\n" +
                           (replayed ? "Idempotent-Replayed: true\r\n" : "") + "\r\n" + answer;
    if (luck == 3) response.resize(response.size() / 2); // Or in the middle of the answer.
    const ssize_t sent = ::send(line.socket, response.data(), response.size(), MSG_NOSIGNAL);
    return luck != 3 && sent == static_cast<ssize_t>(response.size());
}

std::string FakeMarket::handle(std::string_view head, std::string_view body, int& status,
                               bool& replayed) {
    const std::string_view rest = head.substr(head.find(' ') + 1);
    const std::string path{rest.substr(0, rest.find(' '))};
    status = 200;
    if (head.starts_with("GET")) {
        const Payment& payment = payments_[path.substr(path.rfind('/') + 1)];
        return R"({"version":)" + std::to_string(payment.version) + "}";
    }
    if (path == "/v1/commands") return batch(body);
    const Answer answer = take(path, header(head, "Idempotency-Key"), body, replayed);
    status = answer.status;
    return answer.body;
}

std::string FakeMarket::batch(std::string_view body) {
    simdjson::dom::parser parser;
    const simdjson::padded_string padded{body};
    const simdjson::dom::element batch = parser.parse(padded);
    std::string answers;
    for (const simdjson::dom::element one : batch["commands"].get_array()) {
        const std::string type{one["type"].get_string().value()};
        std::string path = "/v1/payments";
        if (type != "payment.request") {
            std::string verb = type.substr(8);
            std::ranges::replace(verb, '_', '-');
            path += "/" + std::string{one["id"].get_string().value()} + "/" + verb;
        }
        if (random_() % 40 == 0) {
            answers += R"(,{"status":503})";
            continue;
        }
        bool replayed = false;
        const Answer answer = take(path, std::string{one["key"].get_string().value()},
                                   simdjson::minify(one["data"]), replayed);
        answers += R"(,{"status":)" + std::to_string(answer.status) + R"(,"id":")" + answer.id +
                   R"(","position":")" + answer.position + "\"";
        if (answer.version != 0) answers += R"(,"version":)" + std::to_string(answer.version);
        if (!answer.code.empty()) answers += R"(,"code":")" + answer.code + "\"";
        answers += replayed ? R"(,"replayed":true})" : "}";
    }
    return R"({"answers":[)" + answers.substr(1) + "]}";
}

FakeMarket::Answer FakeMarket::take(const std::string& path, const std::string& key,
                                    std::string_view body, bool& replayed) {
    const std::string command = identity_.command(path, key);
    const auto known = answers_.find(command);
    const bool again = known != answers_.end();
    if (again && known->second.fingerprint != body && plant_ != Plant::take_reused) {
        Answer reused;
        reused.status = 422;
        reused.body = R"({"code":"idempotency_key_reused"})";
        return reused;
    }
    if (again && known->second.fingerprint == body) {
        replayed = true;
        Answer answer = known->second;
        if (plant_ == Plant::change_answer) answer.body += " ";
        if (plant_ == Plant::twice && answer.status == 201)
            append(answer.id, command + ".1", "payment.requested", "{}", 1);
        return answer;
    }
    Answer answer = decide(path, command, body);
    answer.fingerprint = body;
    answer.body = accepted(answer.status) ? R"({"id":")" + answer.id + R"(","version":)" +
                                                std::to_string(answer.version) +
                                                R"(,"position":")" + answer.position + R"("})"
                                          : R"({"code":")" + answer.code + R"("})";
    return answers_[command] = answer;
}

FakeMarket::Answer FakeMarket::decide(const std::string& path, const std::string& command,
                                      std::string_view body) {
    const std::string verb = path == "/v1/payments" ? "request" : path.substr(path.rfind('/') + 1);
    std::string type = "payment." + verb;
    std::ranges::replace(type, '-', '_');
    simdjson::dom::parser parser;
    const simdjson::padded_string padded{body};
    const auto data = parser.parse(padded).value();
    const auto asked =
        schemas::read_data<domain::PaymentCommand>(type, data, schemas::Unknown::refuse);
    Answer answer;
    answer.status = verb == "request" ? 201 : 200;
    answer.id = verb == "request" ? identity_.resource(command) : path.substr(13, 32);
    Payment& payment = payments_[answer.id];
    const auto decision = domain::decide(payment.state, asked.value(), domain::Time{});
    if (!decision) {
        answer.code = boost::describe::enum_to_string(decision.error(), "unknown");
        answer.status = answer.code == "not_found" ? 404 : 409;
        append(answer.id, command + ".1", "command.answered",
               R"({"rejection":")" + answer.code + R"("})", 0);
        return answer;
    }
    if (decision->empty()) append(answer.id, command + ".1", "command.answered", "{}", 0);
    int number = 0;
    for (const domain::PaymentEvent& event : *decision) {
        std::string content;
        schemas::write_data(event, content);
        payment.state = domain::evolve(payment.state, event);
        payment.position = append(answer.id, command + "." + std::to_string(++number),
                                  std::string{schemas::type_of(event)}, content, ++payment.version);
    }
    answer.position = payment.position;
    answer.version = payment.version;
    return answer;
}

std::string FakeMarket::append(const std::string& payment, const std::string& id,
                               const std::string& type, const std::string& data,
                               std::uint64_t sequence) {
    const std::string stream = "payment-" + payment;
    const int partition = bus::partition_of(stream, partitions);
    const auto last = last_.find(partition);
    const std::string previous =
        last == last_.end() ? std::string(64, '0') : sha256(last->second.value);
    const std::int64_t offset = last == last_.end() ? 0 : last->second.offset + 1;
    const std::string position = std::to_string(partition) + ":" + std::to_string(offset);
    // Its neighbours stay right: only who asks for this one can tell.
    if (plant_ == Plant::lose && sequence == 0) return position;
    const Record record{partition, offset,
                        R"({"id":")" + id + R"(","type":")" + type + R"(","stream":")" + stream +
                            R"(","sequence":)" + std::to_string(sequence) +
                            R"(,"tenant":"tenant","command":")" + id.substr(0, id.find('.')) +
                            R"(","data":)" + data + R"(,"previous":")" + previous + R"("})"};
    log_.push_back(record);
    last_[partition] = record;
    return position;
}

} // namespace tests::crash
