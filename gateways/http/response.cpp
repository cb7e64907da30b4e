#include "gateways/http/response.hpp"

#include <simdjson.h>

#include <charconv>
#include <ctime>

namespace gateways::http {

namespace {

// "HTTP/1.1 200 OK\r\n" for every status there is, made once.
class StatusLines {
public:
    StatusLines() {
        for (unsigned status = 0; status < lines_.size(); ++status) {
            const auto reason = boost::beast::http::obsolete_reason(static_cast<Status>(status));
            lines_[status] = "HTTP/1.1 " + std::to_string(status) + " " +
                             std::string{reason.data(), reason.size()} + "\r\n";
        }
    }
    const std::string& operator[](Status status) const {
        const auto number = static_cast<unsigned>(status);
        return lines_[number < lines_.size() ? number : 500];
    }

private:
    std::array<std::string, 600> lines_;
};

// IMF-fixdate (RFC 9110, 5.6.7), in English whatever the locale. New once a second.
std::string_view date_line() {
    thread_local std::time_t made_at = -1;
    thread_local std::string line;
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (now.tv_sec == made_at) return line;
    static constexpr const char* days[]{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* months[]{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm parts{};
    ::gmtime_r(&now.tv_sec, &parts);
    std::array<char, 64> text;
    const int size =
        std::snprintf(text.data(), text.size(), "Date: %s, %02d %s %d %02d:%02d:%02d GMT\r\n",
                      days[parts.tm_wday], parts.tm_mday, months[parts.tm_mon],
                      parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
    line.assign(text.data(), static_cast<std::size_t>(size));
    made_at = now.tv_sec;
    return line;
}

void write_number(std::uint64_t number, std::string& out) {
    std::array<char, 20> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

void write_header(std::string_view name, std::string_view value, std::string& out) {
    out.append(name).append(": ");
    for (const char c : value)
        out.push_back(static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c);
    out.append("\r\n");
}

// All but how long the body is and what becomes of the connection.
void write_head(const Reply& reply, Status status, std::string_view content_type,
                std::span<const Header> headers, std::string& out) {
    static const StatusLines status_lines;
    out.append(status_lines[status]).append(date_line());
    out.append("Request-Id: ").append(reply.id()).append("\r\n");
    if (!content_type.empty()) out.append("Content-Type: ").append(content_type).append("\r\n");
    for (const Header& header : headers)
        write_header(header.name, header.value, out);
}

bool may_have_body(Status status) {
    return status != Status::no_content && status != Status::not_modified &&
           static_cast<unsigned>(status) >= 200;
}

// A JSON string. Text that is not UTF-8 loses its other bytes, since JSON cannot hold them.
void write_text(std::string_view text, std::string& out) {
    const bool valid = simdjson::validate_utf8(text.data(), text.size());
    out.push_back('"');
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (byte < 0x20) {
            constexpr std::string_view hex = "0123456789abcdef";
            out.append("\\u00").push_back(hex[byte >> 4]);
            out.push_back(hex[byte & 15]);
        } else {
            out.push_back(byte >= 0x80 && !valid ? '?' : c);
        }
    }
    out.push_back('"');
}

// "payment_not_found" reads "Payment not found".
std::string title_of(std::string_view code) {
    std::string title{code};
    for (char& c : title)
        if (c == '_') c = ' ';
    if (!title.empty() && title[0] >= 'a' && title[0] <= 'z')
        title[0] = static_cast<char>(title[0] - 'a' + 'A');
    return title;
}

} // namespace

void write_response(const Reply& reply, Status status, std::string_view content_type,
                    std::span<const Header> headers, std::string_view body, std::string& out) {
    out.reserve(out.size() + body.size() + 256);
    write_head(reply, status, content_type, headers, out);
    if (reply.close) out.append("Connection: close\r\n");
    if (may_have_body(status)) {
        out.append("Content-Length: ");
        write_number(body.size(), out);
        out.append("\r\n\r\n");
        if (!reply.head) out.append(body);
    } else {
        out.append("\r\n");
    }
}

void write_stream_head(const Reply& reply, Status status, std::string_view content_type,
                       std::span<const Header> headers, std::string& out) {
    write_head(reply, status, content_type, headers, out);
    out.append("Connection: close\r\n\r\n");
}

void write_problem_body(const Problem& problem, std::string_view id, std::string& out) {
    out.append("{\"type\":");
    write_text("/problems/" + std::string{problem.code}, out);
    out.append(",\"title\":");
    write_text(title_of(problem.code), out);
    out.append(",\"status\":");
    write_number(static_cast<unsigned>(problem.status), out);
    if (!problem.detail.empty()) {
        out.append(",\"detail\":");
        write_text(problem.detail, out);
    }
    out.append(",\"instance\":");
    write_text("urn:request:" + std::string{id}, out);
    out.append(",\"code\":");
    write_text(problem.code, out);
    out.append(",\"request_id\":");
    write_text(id, out);
    out.append(problem.retryable ? ",\"retryable\":true" : ",\"retryable\":false");
    for (std::size_t i = 0; i < problem.errors.size(); ++i) {
        const PartProblem& part = problem.errors[i];
        out.append(i == 0 ? ",\"errors\":[" : ",");
        const bool pointer = part.pointer.empty() || part.pointer.starts_with('/');
        out.append(pointer ? "{\"pointer\":" : "{\"field\":");
        write_text(part.pointer, out);
        out.append(",\"detail\":");
        write_text(part.detail, out);
        out.push_back('}');
    }
    out.append(problem.errors.empty() ? "}" : "]}");
}

void write_problem(const Reply& reply, const Problem& problem, std::string& out) {
    std::string body, seconds;
    write_problem_body(problem, reply.id(), body);
    std::vector<Header> headers{problem.headers.begin(), problem.headers.end()};
    if (problem.retry_after) {
        seconds = std::to_string(problem.retry_after->count());
        headers.push_back({"Retry-After", seconds});
    }
    write_response(reply, problem.status, problem_type, headers, body, out);
}

} // namespace gateways::http
