#include "projections/streams.hpp"

#include "domain/contract.hpp"

#include <algorithm>
#include <iterator>

namespace projections {

namespace {

constexpr std::uint64_t rows_learned_max = 1'000'000; // About a second of reading.
constexpr std::size_t rows_at_once = 128; // One write; larger ones stall the batch behind them.

} // namespace

Streams::Streams(Store& store, const Registry& registry, std::size_t kept_max)
    : store_{store}, registry_{registry}, kept_max_{kept_max} {}

Stream* Streams::load(int partition, std::string_view name) {
    if (const auto found = streams_.find(name); found != streams_.end()) {
        found->second->used = true;
        return found->second.get();
    }
    const AnyAggregate* aggregate = registry_.of_stream(name);
    if (aggregate == nullptr) return nullptr;
    auto made = std::make_unique<Stream>();
    made->name = name;
    made->partition = partition;
    made->aggregate = aggregate;
    if ((!learned(partition) || known_.may_know(name)) && store_.get(partition, name, row_))
        read_row(row_, *made);
    else
        made->state = aggregate->fresh();
    Stream& stream = *made;
    streams_.emplace(stream.name, std::move(made));
    ring_.push_back(&stream);
    return &stream;
}

void Streams::expect(std::string_view name) const {
    const auto found = streams_.find(name);
    if (found == streams_.end()) return;
    const char* stream = reinterpret_cast<const char*>(found->second.get());
    constexpr std::size_t line = 64;
    for (std::size_t at = 0; at < sizeof(Stream); at += line)
        __builtin_prefetch(stream + at);
}

bool Streams::learned(int partition) const {
    const auto number = static_cast<std::size_t>(partition);
    return number < learned_.size() && learned_[number];
}

void Streams::learn(int partition) {
    const auto number = static_cast<std::size_t>(partition);
    learned_.resize(std::max(learned_.size(), number + 1));
    if (!known_.usable() || learned_[number]) return;
    learned_[number] = true;
    if (store_.rows_about() > rows_learned_max) return known_.give_up();
    // Those that have no row yet; what changes from now on is added as it changes.
    for (const Stream* stream : ring_)
        if (stream->partition == partition) known_.add(stream->name);
    store_.for_each(partition, [&](std::string_view key, std::string_view) {
        if (key.find('\0') == std::string_view::npos) known_.add(key);
    });
}

std::optional<Seen> Streams::answered(Stream& stream, CommandHash command) {
    const auto found = std::ranges::find(stream.seen, command, &Seen::command);
    if (found != stream.seen.end()) return *found;
    if (stream.seen_moved_out == 0) return std::nullopt;
    const std::string key = seen_key(stream.name, command);
    const auto& waiting = moved_out_[stream.partition];
    if (const auto row = waiting.find(key); row != waiting.end()) return read_seen(row->second);
    if (store_.get(stream.partition, key, row_)) return read_seen(row_);
    return std::nullopt;
}

void Streams::touch(Stream& stream) {
    if (stream.touched) return;
    stream.touched = true;
    undo_.push_back({&stream, stream.sequence == 0 ? nullptr : stream.state->clone(), stream.tenant,
                     stream.sequence, stream.position, stream.event_position, stream.created,
                     stream.updated, stream.seen.size()});
}

void Streams::keep_batch() {
    for (Undo& undo : undo_) {
        undo.stream->touched = false;
        changed(*undo.stream);
    }
    undo_.clear();
}

void Streams::undo_batch() {
    for (Undo& undo : undo_) {
        Stream& stream = *undo.stream;
        stream.touched = false;
        stream.state = undo.state ? std::move(undo.state) : stream.aggregate->fresh();
        stream.tenant = std::move(undo.tenant);
        stream.sequence = undo.sequence;
        stream.position = undo.position;
        stream.event_position = undo.event_position;
        stream.created = undo.created;
        stream.updated = undo.updated;
        stream.seen.resize(undo.seen);
    }
    undo_.clear();
}

void Streams::changed(Stream& stream) {
    while (stream.seen.size() > seen_kept_max)
        move_out(stream);
    if (stream.dirty) return;
    if (learned(stream.partition)) known_.add(stream.name);
    stream.dirty = true;
    dirty_.push_back(&stream);
}

void Streams::move_out(Stream& stream) {
    auto& waiting = moved_out_[stream.partition];
    for (std::size_t i = 0; i < seen_moved; ++i)
        write_seen(stream.seen[i], waiting[seen_key(stream.name, stream.seen[i].command)]);
    stream.seen.erase(stream.seen.begin(), stream.seen.begin() + seen_moved);
    stream.seen_moved_out += seen_moved;
}

void Streams::trim() {
    if (streams_.size() <= kept_max_) return;
    // Those that wait to be written stay, and are free after the flush that is due. Looking past
    // them all, again in each round, would cost more than the memory is worth.
    std::size_t looks = 2 * (streams_.size() - kept_max_) + 64;
    for (; streams_.size() > kept_max_ && looks > 0; --looks) {
        if (hand_ >= ring_.size()) hand_ = 0;
        Stream& stream = *ring_[hand_];
        if (stream.used || stream.dirty || stream.flushing || stream.touched) {
            stream.used = false;
            ++hand_;
            continue;
        }
        ring_[hand_] = ring_.back();
        ring_.pop_back();
        streams_.erase(streams_.find(stream.name));
    }
}

void Streams::forget(int partition) {
    domain::expects(undo_.empty(), "a partition is forgotten between batches");
    const auto of_partition = [&](const Stream* stream) { return stream->partition == partition; };
    std::erase_if(dirty_, of_partition);
    flushing_.erase(flushing_.begin(), flushing_.begin() + static_cast<std::ptrdiff_t>(flushed_));
    flushed_ = 0;
    std::erase_if(flushing_, of_partition);
    stamps_.erase(partition);
    moved_out_.erase(partition);
    std::erase_if(ring_, [&](Stream* stream) {
        if (!of_partition(stream)) return false;
        streams_.erase(streams_.find(stream->name));
        return true;
    });
}

void Streams::begin_flush(std::map<int, Stamp> stamps) {
    domain::expects(!flush_running_ && undo_.empty(), "a flush begins between batches");
    flush_running_ = true;
    stamps_ = std::move(stamps);
    flushing_ = std::move(dirty_);
    dirty_.clear();
    flushed_ = 0;
    std::ranges::sort(flushing_, [](const Stream* left, const Stream* right) {
        return std::pair{left->partition, std::string_view{left->name}} <
               std::pair{right->partition, std::string_view{right->name}};
    });
    for (Stream* stream : flushing_)
        stream->flushing = true;
}

void Streams::flush_step() {
    if (!flush_running_) return;
    if (flushed_ == flushing_.size()) {
        for (const auto& [partition, stamp] : stamps_)
            write(partition, stamp);
        stamps_.clear();
        flushing_.clear();
        flushed_ = 0;
        flush_running_ = false;
        return;
    }
    const int partition = flushing_[flushed_]->partition;
    for (; flushed_ < flushing_.size() && rows_.size() < rows_at_once; ++flushed_) {
        Stream& stream = *flushing_[flushed_];
        if (stream.partition != partition) break;
        // A change after the flush began is written with it; the stamp tells only what all
        // rows contain.
        if (stream.dirty && stream.flushing) {
            rows_.push_back({stream.name, {}});
            write_row(stream, rows_.back().row);
        }
        stream.flushing = false;
        stream.dirty = false;
    }
    write(partition, std::nullopt);
}

void Streams::write(int partition, const std::optional<Stamp>& stamp) {
    if (const auto waiting = moved_out_.find(partition); waiting != moved_out_.end()) {
        for (auto& [key, row] : waiting->second)
            rows_.push_back({key, std::move(row)});
        moved_out_.erase(waiting);
    }
    store_.write(partition, rows_, stamp);
    rows_.clear();
}

void Streams::flush_all(std::map<int, Stamp> stamps) {
    while (flush_running_)
        flush_step();
    begin_flush(std::move(stamps));
    while (flush_running_)
        flush_step();
}

} // namespace projections
