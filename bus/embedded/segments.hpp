// The files of the embedded log: opening and repairing them, appending to the last, and
// finding where to begin reading.

#pragma once

#include "bus/embedded/embedded.hpp"
#include "bus/embedded/format.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace bus::embedded {

// An open file. Throws Error with the path and the system's reason.
class File {
public:
    File() = default;
    File(const std::filesystem::path& path, int flags);
    File(File&& other) noexcept;
    File& operator=(File&& other) noexcept;
    ~File();

    int descriptor() const { return descriptor_; }
    bool is_open() const { return descriptor_ >= 0; }
    std::size_t size() const;
    // Bytes read, which is less than asked for only at the end of the file.
    std::size_t read(char* into, std::size_t size, std::size_t at) const;
    // 0, or the errno of the write that failed; what it wrote before stays.
    int write(std::string_view bytes, std::size_t at) const;
    int sync() const;

private:
    int descriptor_ = -1;
    std::filesystem::path path_;
};

// A place in the log where a batch begins, and where all partitions stand there.
struct Mark {
    std::uint64_t segment = 0;
    std::size_t at = 0;
    std::uint64_t batch = 0;
    Positions positions{0};
};

// Thread-safe.
class Segments {
public:
    explicit Segments(const Options& options);
    ~Segments();

    int partitions() const { return partitions_; }
    std::filesystem::path path(std::uint64_t segment) const;

    // Durable when it returns an empty string, otherwise nothing was kept and it says why.
    // Stops the process when the disk cannot tell whether it kept what it was given.
    // `first` becomes the positions before the batch.
    std::string append(const Transaction& transaction, Positions& first);

    // The end of what is durable.
    Mark end() const;
    // Only the offsets of the end; cheap.
    Offset end(Topic topic, int partition) const;
    Offset consumed(int partition) const;
    // Segment and place of the end, without its positions.
    std::pair<std::uint64_t, std::size_t> end_place() const;
    // True when each wanted partition has nothing beyond its `offset`; then `end` is the end.
    bool at_end(Topic topic, const std::vector<PartitionOffset>& wanted, Mark& end) const;

    // The last known place that is not beyond any of the wanted offsets.
    Mark before(Topic topic, const std::vector<PartitionOffset>& wanted) const;
    // A reader tells of a place it came by, so that the next one finds it faster.
    void remember(const Mark& mark);

    // Waits until the end has moved from `seen`, `ended()` holds or time is up.
    template <class Ended>
    void wait(std::pair<std::uint64_t, std::size_t> seen, milliseconds time, Ended ended) const {
        std::unique_lock lock{mutex_};
        moved_.wait_for(lock, time, [&] {
            return ended() || std::pair{segments_.back().number, end_.at} != seen;
        });
    }
    void notify() const {
        { const std::lock_guard lock{mutex_}; }
        moved_.notify_all();
    }

private:
    struct Segment {
        std::uint64_t number = 0;
        std::vector<Mark> marks; // Ascending; the first is its first batch.
    };

    void lock_folder();
    void create_first(int partitions);
    void open_existing(int wanted_partitions);
    void recover_last();
    [[noreturn]] void damaged(std::uint64_t segment, std::size_t at, const char* what) const;
    std::string roll(std::size_t frame_bytes);
    int make_spare(std::size_t bytes, File& file) const;
    void prepare_spares();
    void add_mark(const Mark& mark);

    const Options options_;
    int partitions_ = 0;
    File folder_, lock_, current_;
    std::size_t current_bytes_ = 0;

    std::mutex writing_; // Held while appending; taken before mutex_.
    std::string frame_;

    mutable std::mutex mutex_;
    mutable std::condition_variable moved_;
    std::deque<Segment> segments_;
    Mark end_;

    // The next segment file is zero-filled ahead of its use: appending to written zeros is one
    // flush, appending to a growing file is two.
    std::mutex spare_mutex_;
    std::condition_variable spare_wanted_;
    File spare_;
    bool spare_ready_ = false, stopping_ = false;
    std::thread spare_thread_;
};

} // namespace bus::embedded
