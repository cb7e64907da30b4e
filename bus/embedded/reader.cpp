#include "bus/embedded/reader.hpp"

#include <algorithm>
#include <fcntl.h>

namespace bus::embedded {

namespace {

constexpr std::size_t block_bytes = 256 * 1024; // Read at once.
constexpr std::size_t reader_mark_distance = 512 * 1024;

} // namespace

FileReader::FileReader(std::shared_ptr<Segments> segments, Topic topic,
                       std::vector<PartitionOffset> from)
    : segments_{std::move(segments)},
      topic_{topic},
      wanted_{std::move(from)},
      wanted_at_(static_cast<std::size_t>(segments_->partitions()), -1) {
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
        const int partition = wanted_[i].partition;
        if (partition < 0 || partition >= segments_->partitions())
            throw Error{"there is no partition " + std::to_string(partition)};
        wanted_[i].offset = std::max(wanted_[i].offset, Offset{0});
        wanted_at_[static_cast<std::size_t>(partition)] = static_cast<int>(i);
    }
    here_ = segments_->before(topic_, wanted_);
    marked_at_ = here_.at;
    buffer_at_ = here_.at;
}

std::span<const Record> FileReader::read(std::size_t bytes_max, milliseconds wait) {
    records_.clear();
    std::size_t bytes = 0;
    bool waited = false;
    while (true) {
        const auto end = segments_->end_place();
        // What other topics hold between here and the end need not be read to be passed over.
        if (Mark mark; records_.empty() && segments_->at_end(topic_, wanted_, mark)) {
            if (mark.segment != here_.segment) file_ = File{};
            if (mark.segment != here_.segment || mark.at != here_.at) {
                here_ = std::move(mark);
                buffer_.clear();
                buffer_at_ = marked_at_ = here_.at;
            }
        }
        while (bytes < bytes_max && std::pair{here_.segment, here_.at} < end) {
            std::string_view payload;
            if (!next_batch(bytes_max, payload)) break;
            BatchCursor cursor{payload};
            for (PartitionOffset one; cursor.next_consumed(one);)
                here_.positions.consumed[static_cast<std::size_t>(one.partition)] = one.offset;
            for (Record record; cursor.next(record);) {
                record.offset = here_.positions.of(record.topic, record.partition)++;
                if (record.topic != topic_) continue;
                const int at = wanted_at_[static_cast<std::size_t>(record.partition)];
                if (at < 0 || record.offset < wanted_[static_cast<std::size_t>(at)].offset)
                    continue;
                wanted_[static_cast<std::size_t>(at)].offset = record.offset + 1;
                records_.push_back(record);
                bytes += record.key.size() + record.value.size();
            }
        }
        if (!records_.empty()) return records_;
        if (std::pair{here_.segment, here_.at} < segments_->end_place()) continue;
        if (waited || woken_.exchange(false) || wait.count() <= 0) return {};
        segments_->wait(end, wait, [&] { return woken_.load(); });
        waited = true;
    }
}

// Moves over the next batch. False when its bytes do not fit beside records that are already
// to be handed out, whose views would move.
bool FileReader::next_batch(std::size_t bytes_max, std::string_view& payload) {
    if (!file_.is_open()) file_ = File{segments_->path(here_.segment), O_RDONLY};
    BatchHead head;
    At found = At::nothing;
    if (!buffered(batch_head_bytes, bytes_max)) {
        if (!records_.empty()) return false;
    } else {
        found = look_at_batch(std::string_view{buffer_}.substr(here_.at - buffer_at_), head);
    }
    if (found == At::nothing) {
        if (!records_.empty()) return false; // The views are of this segment's buffer.
        next_segment();
        return next_batch(bytes_max, payload);
    }
    if (found == At::damage || head.number != here_.batch)
        damaged("no batch is where one should be");
    const std::size_t size = batch_head_bytes + head.payload_bytes;
    if (!buffered(size, bytes_max)) {
        if (!records_.empty()) return false;
        damaged("a batch is cut off");
    }
    payload = std::string_view{buffer_}.substr(here_.at - buffer_at_ + batch_head_bytes,
                                               head.payload_bytes);
    if (!intact(head, payload)) damaged("a batch does not match its checksum");
    if (here_.at >= marked_at_ + reader_mark_distance) {
        segments_->remember(here_);
        marked_at_ = here_.at;
    }
    here_.at += size;
    ++here_.batch;
    return true;
}

// True when `bytes` bytes from here_ on are in the buffer. Reads on only while no record's
// view points into it.
bool FileReader::buffered(std::size_t bytes, std::size_t bytes_max) {
    if (here_.at + bytes <= buffer_at_ + buffer_.size()) return true;
    if (!records_.empty()) return false;
    const auto [end_segment, end_at] = segments_->end_place();
    std::size_t block =
        std::max(bytes, std::min(block_bytes, std::max(bytes_max, std::size_t{4096})));
    if (end_segment == here_.segment && end_at > here_.at)
        block = std::max(bytes, std::min(block, end_at - here_.at));
    buffer_.resize(block);
    if (buffer_.capacity() > 4 * block_bytes && block <= block_bytes) buffer_.shrink_to_fit();
    buffer_.resize(file_.read(buffer_.data(), buffer_.size(), here_.at));
    buffer_at_ = here_.at;
    return bytes <= buffer_.size();
}

void FileReader::next_segment() {
    const std::uint64_t batch = here_.batch;
    ++here_.segment;
    file_ = File{segments_->path(here_.segment), O_RDONLY};
    std::string bytes(segment_head_bytes(segments_->partitions()), '\0');
    bytes.resize(file_.read(bytes.data(), bytes.size(), 0));
    here_.at = bytes.size();
    const auto head = decode_head(bytes);
    if (!head || head->first_batch != batch) {
        --here_.segment;
        damaged("batches before the next segment are missing");
    }
    here_.positions = head->positions;
    buffer_.clear();
    buffer_at_ = marked_at_ = here_.at;
}

void FileReader::damaged(const char* what) const {
    throw Error{segments_->path(here_.segment).string() + " is damaged at byte " +
                std::to_string(here_.at) + ": " + what};
}

void FileReader::wake() {
    woken_ = true;
    segments_->notify();
}

} // namespace bus::embedded
