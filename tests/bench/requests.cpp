#include "tests/bench/requests.hpp"

#include <stdexcept>

namespace bench {

namespace {

constexpr std::string_view key_mark = "################################"; // 32 hex digits.

// A bijection of 64 bits that looks random (splitmix64), so that keys are unique and unordered.
std::uint64_t mix(std::uint64_t value) {
    value += 0x9e3779b97f4a7c15U;
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31U);
}

void write_hex(char* to, std::uint64_t value) {
    for (int i = 15; i >= 0; --i, value >>= 4U)
        to[i] = "0123456789abcdef"[value & 15U];
}

void write_payer(char* to, std::uint64_t value) {
    for (int i = static_cast<int>(payer_mark.size()) - 1; i >= 0; --i, value /= 10)
        to[i] = static_cast<char>('0' + value % 10);
}

std::string body_of(const RequestText& text) {
    if (text.batch == 0) return text.data;
    std::string body = "{\"commands\":[";
    for (int i = 0; i < text.batch; ++i) {
        if (i > 0) body += ',';
        body += "{\"key\":\"";
        body += key_mark;
        body += "\",\"type\":\"" + text.type + "\",\"data\":" + text.data + "}";
    }
    return body + "]}";
}

std::vector<std::size_t> places(std::string_view text, std::string_view mark) {
    std::vector<std::size_t> found;
    for (auto at = text.find(mark); at != text.npos; at = text.find(mark, at + mark.size()))
        found.push_back(at);
    return found;
}

} // namespace

Request::Request(const RequestText& text) {
    const std::string body = body_of(text);
    bytes_ = "POST " + text.path +
             " HTTP/1.1\r\n"
             "Host: 127.0.0.1\r\n"
             "User-Agent: bench_load\r\n"
             "Content-Type: application/json\r\n"
             "Authorization: Bearer " +
             text.token + "\r\n";
    if (text.batch == 0) bytes_ += "Idempotency-Key: " + std::string{key_mark} + "\r\n";
    bytes_ += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    bytes_ += body;
    keys_ = places(bytes_, key_mark);
    for (const std::size_t at : keys_)
        bytes_.replace(at, key_mark.size(), key_mark.size(), '0');
    payers_ = places(bytes_, payer_mark);
    if (payers_.size() != keys_.size())
        throw std::invalid_argument{"the data have no payer mark " + std::string{payer_mark}};
}

std::uint64_t Request::renew(std::uint64_t run, std::uint64_t number, std::uint64_t payers) {
    for (std::size_t i = 0; i < keys_.size(); ++i, ++number) {
        const std::uint64_t mixed = mix(number);
        write_hex(bytes_.data() + keys_[i], run);
        write_hex(bytes_.data() + keys_[i] + 16, mixed);
        write_payer(bytes_.data() + payers_[i], mixed % payers);
    }
    return number;
}

} // namespace bench
