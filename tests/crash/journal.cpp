#include "tests/crash/journal.hpp"

#include <charconv>
#include <span>
#include <stdexcept>
#include <vector>

namespace tests::crash {

namespace {

void add(std::string_view field, std::string& out) {
    out.push_back('\t');
    if (field.empty())
        out.push_back('-');
    else
        out.append(field);
}

void add(std::uint64_t number, std::string& out) { add(std::to_string(number), out); }

std::vector<std::string_view> split(std::string_view line) {
    std::vector<std::string_view> fields;
    for (;;) {
        const auto tab = line.find('\t');
        const std::string_view field = line.substr(0, tab);
        fields.push_back(field == "-" ? std::string_view{} : field);
        if (tab == std::string_view::npos) return fields;
        line.remove_prefix(tab + 1);
    }
}

std::uint64_t number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        throw std::runtime_error{"the journal has no number where one belongs: " +
                                 std::string{text}};
    return value;
}

} // namespace

void write(const Sent& sent, std::string& out) {
    out.push_back('S');
    for (const std::string_view field : {sent.key, sent.path, sent.type, sent.body})
        add(field, out);
    out.push_back('\n');
}

void write(const Answered& answered, std::string& out) {
    out.push_back('A');
    add(answered.key, out);
    add(answered.path, out);
    add(answered.via == Via::single ? "single" : "batch", out);
    add(static_cast<std::uint64_t>(answered.status), out);
    add(answered.id, out);
    add(answered.version, out);
    add(answered.position, out);
    add(answered.code, out);
    add(answered.replayed ? 1U : 0U, out);
    add(answered.hash, out);
    out.push_back('\n');
}

void write(const Reused& reused, std::string& out) {
    out.push_back('X');
    add(reused.key, out);
    add(reused.path, out);
    add(static_cast<std::uint64_t>(reused.status), out);
    add(reused.code, out);
    out.push_back('\n');
}

void write_complaint(std::string_view text, std::string& out) {
    out.append("!\t");
    for (const char c : text)
        out.push_back(c == '\n' || c == '\t' ? ' ' : c);
    out.push_back('\n');
}

void read_line(std::string_view line, JournalReader& reader) {
    const auto fields = split(line);
    const std::string_view kind = fields[0];
    if (kind == "S" && fields.size() == 5)
        return reader.sent({fields[1], fields[2], fields[3], fields[4]});
    if (kind == "A" && fields.size() == 11)
        return reader.answered({.key = fields[1],
                                .path = fields[2],
                                .via = fields[3] == "batch" ? Via::batch : Via::single,
                                .status = static_cast<int>(number(fields[4])),
                                .id = fields[5],
                                .version = number(fields[6]),
                                .position = fields[7],
                                .code = fields[8],
                                .replayed = fields[9] == "1",
                                .hash = fields[10]});
    if (kind == "X" && fields.size() == 5)
        return reader.reused(
            {fields[1], fields[2], static_cast<int>(number(fields[3])), fields[4]});
    if (kind == "!" && fields.size() == 2) return reader.complaint(fields[1]);
    throw std::runtime_error{"the journal has a line of no known kind: " + std::string{line}};
}

} // namespace tests::crash
