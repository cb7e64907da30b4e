#include "projections/stream.hpp"

#include <cstring>
#include <stdexcept>
#include <xxhash.h>

namespace projections {

namespace {

using schemas::Packed;

constexpr char row_version = 2;

void put_bytes(std::string& out, const void* bytes, std::size_t size) {
    out.append(static_cast<const char*>(bytes), size);
}

void put_text(std::string& out, std::string_view text) {
    schemas::pack_number(text.size(), out);
    out.append(text);
}

void put_signed(std::string& out, std::int64_t number) {
    schemas::pack_number(schemas::folded(number), out);
}

std::int64_t take_signed(Packed& in) { return schemas::unfolded(in.number()); }

Seen take_seen(Packed& in) {
    Seen seen;
    std::memcpy(&seen.command, in.take(sizeof seen.command).data(), sizeof seen.command);
    std::memcpy(seen.fingerprint.data(), in.take(16).data(), 16);
    seen.sequence = in.number();
    seen.position = take_signed(in);
    seen.rejection = in.text();
    return seen;
}

} // namespace

CommandHash command_hash(std::string_view id) {
    const auto hash = XXH3_128bits(id.data(), id.size());
    return {hash.high64, hash.low64};
}

std::string short_id(std::string_view id) {
    constexpr std::size_t kept_max = 96;
    if (id.size() <= kept_max) return std::string{id};
    const CommandHash hash = command_hash(id);
    std::string digits;
    for (const std::uint64_t half : {hash.high, hash.low})
        for (int shift = 60; shift >= 0; shift -= 4)
            digits.push_back("0123456789abcdef"[half >> shift & 15]);
    return digits;
}

void write_seen(const Seen& seen, std::string& out) {
    put_bytes(out, &seen.command, sizeof seen.command);
    out.append(seen.fingerprint.data(), seen.fingerprint.size());
    schemas::pack_number(seen.sequence, out);
    put_signed(out, seen.position);
    put_text(out, seen.rejection);
}

Seen read_seen(std::string_view row) {
    Packed in{row};
    return take_seen(in);
}

std::string seen_key(std::string_view stream, CommandHash command) {
    std::string key{stream};
    key.push_back('\0'); // No stream's name holds one.
    put_bytes(key, &command, sizeof command);
    return key;
}

void write_row(const Stream& stream, std::string& out) {
    out.push_back(row_version);
    out.push_back(stream.unreadable ? 1 : 0);
    schemas::pack_number(stream.sequence, out);
    put_signed(out, stream.position);
    put_signed(out, stream.event_position);
    put_signed(out, stream.created.milliseconds);
    put_signed(out, stream.updated.milliseconds);
    schemas::pack_number(stream.seen_moved_out, out);
    put_text(out, stream.tenant);
    schemas::pack_number(stream.seen.size(), out);
    for (const Seen& seen : stream.seen)
        write_seen(seen, out);
    stream.state->pack(out);
}

void read_row(std::string_view row, Stream& stream) {
    Packed in{row};
    if (in.take(1).front() != row_version)
        throw std::runtime_error{"a stored row is of another version: rebuild the store"};
    stream.unreadable = in.take(1).front() != 0;
    stream.sequence = in.number();
    stream.position = take_signed(in);
    stream.event_position = take_signed(in);
    stream.created.milliseconds = take_signed(in);
    stream.updated.milliseconds = take_signed(in);
    stream.seen_moved_out = in.number();
    stream.tenant = in.text();
    stream.seen.resize(in.number());
    for (Seen& seen : stream.seen)
        seen = take_seen(in);
    stream.state = stream.aggregate->unpack(in.rest());
}

} // namespace projections
