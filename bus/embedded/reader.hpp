// Follows the files of the embedded log.

#pragma once

#include "bus/embedded/segments.hpp"

#include <atomic>
#include <memory>

namespace bus::embedded {

class FileReader final : public Reader {
public:
    FileReader(std::shared_ptr<Segments> segments, Topic topic, std::vector<PartitionOffset> from);

    std::span<const Record> read(std::size_t bytes_max, milliseconds wait) override;
    std::vector<PartitionOffset> position() const override { return wanted_; }
    void wake() override;

private:
    bool next_batch(std::size_t bytes_max, std::string_view& payload);
    bool buffered(std::size_t bytes, std::size_t bytes_max);
    void next_segment();
    [[noreturn]] void damaged(const char* what) const;

    const std::shared_ptr<Segments> segments_;
    const Topic topic_;
    std::vector<PartitionOffset> wanted_; // The next offset to hand out, a partition.
    std::vector<int> wanted_at_;          // Index in wanted_ of a partition, or -1.
    Mark here_;
    File file_;
    std::string buffer_; // The bytes of file_ from buffer_at_ on.
    std::size_t buffer_at_ = 0;
    std::size_t marked_at_ = 0; // Where the last place was remembered.
    std::vector<Record> records_;
    std::atomic<bool> woken_ = false;
};

} // namespace bus::embedded
