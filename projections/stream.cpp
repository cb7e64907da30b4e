#include "projections/stream.hpp"

#include <cstring>
#include <stdexcept>
#include <xxhash.h>

namespace projections {

namespace {

constexpr char row_version = 1;

template <class T>
void put(std::string& out, T value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out.append(bytes, sizeof value);
}

void put_text(std::string& out, std::string_view text) {
    put(out, static_cast<std::uint32_t>(text.size()));
    out.append(text);
}

class Bytes {
public:
    explicit Bytes(std::string_view rest) : rest_{rest} {}

    template <class T>
    T take() {
        T value;
        std::memcpy(&value, bytes(sizeof value).data(), sizeof value);
        return value;
    }
    std::string_view text() { return bytes(take<std::uint32_t>()); }
    std::string_view bytes(std::size_t size) {
        if (rest_.size() < size) throw std::runtime_error{"a stored row is cut off"};
        const auto taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }

private:
    std::string_view rest_;
};

Seen take_seen(Bytes& bytes) {
    Seen seen;
    seen.command.high = bytes.take<std::uint64_t>();
    seen.command.low = bytes.take<std::uint64_t>();
    std::memcpy(seen.fingerprint.data(), bytes.bytes(16).data(), 16);
    seen.sequence = bytes.take<std::uint64_t>();
    seen.position = bytes.take<bus::Offset>();
    seen.rejection = bytes.text();
    return seen;
}

} // namespace

CommandHash command_hash(std::string_view id) {
    const auto hash = XXH3_128bits(id.data(), id.size());
    return {hash.high64, hash.low64};
}

void write_seen(const Seen& seen, std::string& out) {
    put(out, seen.command.high);
    put(out, seen.command.low);
    out.append(seen.fingerprint.data(), seen.fingerprint.size());
    put(out, seen.sequence);
    put(out, seen.position);
    put_text(out, seen.rejection);
}

Seen read_seen(std::string_view row) {
    Bytes bytes{row};
    return take_seen(bytes);
}

std::string seen_key(std::string_view stream, CommandHash command) {
    std::string key{stream};
    key.push_back('\0'); // No stream's name holds one.
    put(key, command.high);
    put(key, command.low);
    return key;
}

void write_row(const Stream& stream, std::string& out) {
    out.push_back(row_version);
    out.push_back(stream.unreadable ? 1 : 0);
    put(out, stream.sequence);
    put(out, stream.position);
    put(out, stream.event_position);
    put(out, stream.created.milliseconds);
    put(out, stream.updated.milliseconds);
    put(out, stream.seen_moved_out);
    put_text(out, stream.tenant);
    put(out, static_cast<std::uint32_t>(stream.seen.size()));
    for (const Seen& seen : stream.seen)
        write_seen(seen, out);
    stream.state->write(out);
}

void read_row(std::string_view row, Stream& stream) {
    Bytes bytes{row};
    if (bytes.take<char>() != row_version)
        throw std::runtime_error{"a stored row is of another version: rebuild the store"};
    stream.unreadable = bytes.take<char>() != 0;
    stream.sequence = bytes.take<std::uint64_t>();
    stream.position = bytes.take<bus::Offset>();
    stream.event_position = bytes.take<bus::Offset>();
    stream.created.milliseconds = bytes.take<std::int64_t>();
    stream.updated.milliseconds = bytes.take<std::int64_t>();
    stream.seen_moved_out = bytes.take<std::uint64_t>();
    stream.tenant = bytes.text();
    stream.seen.resize(bytes.take<std::uint32_t>());
    for (Seen& seen : stream.seen)
        seen = take_seen(bytes);

    thread_local simdjson::dom::parser parser;
    const std::size_t head = static_cast<std::size_t>(bytes.bytes(0).data() - row.data());
    simdjson::dom::element json;
    if (parser.parse(row.data() + head, row.size() - head).get(json))
        throw std::runtime_error{"the stored state of " + stream.name + " is no JSON"};
    stream.state = stream.aggregate->read_state(json).value();
}

} // namespace projections
