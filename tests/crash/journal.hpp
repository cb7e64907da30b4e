// What the campaign's client wrote down: every command before it was sent, every answer before the
// next command went out on the same connection. One line each, fields apart by tabs:
//
//   S key path type body                                          a command, before its first send
//   A key path via status id version position code replayed hash  an acknowledged answer
//   X key path status code                                        the same key with another body
//   ! text                                                        something the client saw go wrong
//
// Empty fields are "-". `path` is that of the single POST, for a command of a batch too.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tests::crash {

struct Sent {
    std::string_view key{}, path{}, type{}, body{};
};

enum class Via { single, batch };

struct Answered {
    std::string_view key{}, path{};
    Via via = Via::single;
    int status = 0;
    std::string_view id{};       // Of the payment; empty when the answer had none.
    std::uint64_t version = 0;   // 0: none.
    std::string_view position{}; // "3:17"; empty when the answer had none.
    std::string_view code{};     // Why it was refused; empty when it was accepted.
    bool replayed = false;       // The server said that it had been decided before.
    std::string_view hash{};     // Of the answer's bytes; equal for equal bytes. Single ones only.
};

// The answer to a key that was used again with another body.
struct Reused {
    std::string_view key{}, path{};
    int status = 0;
    std::string_view code{};
};

void write(const Sent& sent, std::string& out);
void write(const Answered& answered, std::string& out);
void write(const Reused& reused, std::string& out);
void write_complaint(std::string_view text, std::string& out);

class JournalReader {
public:
    virtual void sent(const Sent& sent) = 0;
    virtual void answered(const Answered& answered) = 0;
    virtual void reused(const Reused& reused) = 0;
    virtual void complaint(std::string_view text) = 0;

protected:
    ~JournalReader() = default;
};

// One line without its end. Throws std::runtime_error when it is not one of the above: then the
// journal proves nothing.
void read_line(std::string_view line, JournalReader& reader);

} // namespace tests::crash
