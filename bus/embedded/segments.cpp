#include "bus/embedded/segments.hpp"

#include "domain/contract.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace bus::embedded {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t mark_distance = 256 * 1024; // Bytes between remembered places.
constexpr std::size_t fill_bytes = 1024 * 1024;
constexpr const char* spare_name = "spare.tmp";

std::string reason(int error) { return std::generic_category().message(error); }

} // namespace

File::File(const fs::path& path, int flags) : path_{path} {
    descriptor_ = ::open(path.c_str(), flags | O_CLOEXEC, 0640);
    if (descriptor_ < 0) throw Error{path.string() + ": " + reason(errno)};
}

File::File(File&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, -1)}, path_{std::move(other.path_)} {}

File& File::operator=(File&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(path_, other.path_);
    return *this;
}

File::~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

std::size_t File::size() const {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) throw Error{path_.string() + ": " + reason(errno)};
    return static_cast<std::size_t>(status.st_size);
}

std::size_t File::read(char* into, std::size_t size, std::size_t at) const {
    std::size_t done = 0;
    while (done < size) {
        const ssize_t got =
            ::pread(descriptor_, into + done, size - done, static_cast<off_t>(at + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw Error{path_.string() + ": " + reason(errno)};
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    return done;
}

int File::write(std::string_view bytes, std::size_t at) const {
    while (!bytes.empty()) {
        const ssize_t put =
            ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(at));
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return errno;
        bytes.remove_prefix(static_cast<std::size_t>(put));
        at += static_cast<std::size_t>(put);
    }
    return 0;
}

int File::sync() const { return ::fdatasync(descriptor_) == 0 ? 0 : errno; }

Segments::Segments(const Options& options) : options_{options} {
    if (options_.partitions < 0 || options_.partitions > 1024)
        throw Error{"a log has 1 to 1024 partitions, not " + std::to_string(options_.partitions)};
    std::error_code error;
    if (!options_.read_only) fs::create_directories(options_.folder, error);
    if (error) throw Error{options_.folder.string() + ": " + error.message()};
    folder_ = File{options_.folder, O_RDONLY | O_DIRECTORY};
    if (!options_.read_only) lock_folder();

    for (const auto& file : fs::directory_iterator{options_.folder})
        if (file.path().extension() == ".segment") {
            Segment segment;
            segment.number = std::strtoull(file.path().stem().c_str(), nullptr, 10);
            segments_.push_back(std::move(segment));
        }
    std::ranges::sort(segments_, {}, &Segment::number);
    if (!segments_.empty())
        open_existing(options_.partitions);
    else if (options_.read_only)
        throw Error{options_.folder.string() + " holds no log"};
    else
        create_first(options_.partitions == 0 ? 8 : options_.partitions);
    if (!options_.read_only) spare_thread_ = std::thread{[this] { prepare_spares(); }};
}

Segments::~Segments() {
    {
        const std::lock_guard lock{spare_mutex_};
        stopping_ = true;
    }
    spare_wanted_.notify_all();
    if (spare_thread_.joinable()) spare_thread_.join();
    if (!options_.read_only) ::unlink((options_.folder / spare_name).c_str());
}

fs::path Segments::path(std::uint64_t segment) const {
    char name[40];
    std::snprintf(name, sizeof name, "%012llu.segment", static_cast<unsigned long long>(segment));
    return options_.folder / name;
}

void Segments::lock_folder() {
    lock_ = File{options_.folder / "lock", O_RDWR | O_CREAT};
    if (::flock(lock_.descriptor(), LOCK_EX | LOCK_NB) == 0) {
        const std::string owner = std::to_string(::getpid()) + "\n";
        if (::ftruncate(lock_.descriptor(), 0) == 0) lock_.write(owner, 0);
        return;
    }
    char owner[32] = {};
    lock_.read(owner, sizeof owner - 1, 0);
    std::string process{owner};
    while (!process.empty() && process.back() == '\n')
        process.pop_back();
    throw Error{options_.folder.string() + " is in use by process " + process +
                ": stop it first, or read only"};
}

void Segments::create_first(int partitions) {
    partitions_ = partitions;
    SegmentHead head{0, 0, Positions{partitions}};
    if (const int error = make_spare(options_.segment_bytes, current_))
        throw Error{options_.folder.string() + ": cannot make a segment: " + reason(error)};
    const int error = current_.write(encode_head(head), 0);
    if (error != 0 || current_.sync() != 0 ||
        ::rename((options_.folder / spare_name).c_str(), path(0).c_str()) != 0 ||
        ::fsync(folder_.descriptor()) != 0)
        throw Error{options_.folder.string() + ": " + reason(error != 0 ? error : errno)};
    current_bytes_ = current_.size();
    end_ = {0, segment_head_bytes(partitions), 0, Positions{partitions}};
    segments_.push_back({0, {end_}});
}

void Segments::open_existing(int wanted_partitions) {
    for (std::size_t i = 0; i < segments_.size(); ++i) {
        Segment& segment = segments_[i];
        if (segment.number != segments_.front().number + i)
            throw Error{options_.folder.string() + ": segment " +
                        std::to_string(segments_.front().number + i) + " is missing"};
        const File file{path(segment.number), O_RDONLY};
        std::string bytes(16, '\0');
        bytes.resize(file.read(bytes.data(), bytes.size(), 0));
        const auto partitions = head_partitions(bytes);
        if (partitions) {
            bytes.resize(segment_head_bytes(*partitions));
            bytes.resize(file.read(bytes.data(), bytes.size(), 0));
        }
        const auto head = decode_head(bytes);
        if (!head || head->number != segment.number)
            damaged(segment.number, 0, "its head cannot be read");
        partitions_ = head->positions.partitions();
        segment.marks.push_back(
            {segment.number, segment_head_bytes(partitions_), head->first_batch, head->positions});
    }
    if (wanted_partitions != 0 && wanted_partitions != partitions_)
        throw Error{options_.folder.string() + " was made with " + std::to_string(partitions_) +
                    " partitions and cannot be opened with " + std::to_string(wanted_partitions) +
                    ": the count is fixed, because it decides where a stream lives"};
    recover_last();
}

// Reads the last segment to the end of its last intact batch. What follows is zeros, or a batch
// that was being written when the power went: it was never acknowledged, and is cut.
void Segments::recover_last() {
    Segment& segment = segments_.back();
    current_ = File{path(segment.number), options_.read_only ? O_RDONLY : O_RDWR};
    current_bytes_ = current_.size();
    end_ = segment.marks.front();

    std::string bytes(current_bytes_, '\0');
    bytes.resize(current_.read(bytes.data(), bytes.size(), 0));
    const std::string_view all{bytes};
    const auto intact_at = [&](std::size_t at, std::uint64_t number_min, BatchHead& head) {
        if (at + batch_head_bytes > all.size()) return At::nothing;
        const At found = look_at_batch(all.substr(at), head);
        if (found != At::batch) return found;
        if (head.number < number_min || head.payload_bytes > all.size() - at - batch_head_bytes ||
            !intact(head, all.substr(at + batch_head_bytes, head.payload_bytes)))
            return At::damage;
        return At::batch;
    };

    BatchHead head;
    At found{};
    while ((found = intact_at(end_.at, end_.batch, head)) == At::batch &&
           head.number == end_.batch) {
        advance(end_.positions, all.substr(end_.at + batch_head_bytes, head.payload_bytes));
        end_.at += batch_head_bytes + head.payload_bytes;
        ++end_.batch;
        add_mark(end_);
    }

    if (options_.read_only) return; // Its writer may be at work on the rest.

    // One batch is written at a time, so nothing intact can follow a torn one.
    std::size_t last_used = end_.at;
    for (std::size_t at = end_.at; at + alignment <= all.size(); at += alignment) {
        if (std::memcmp(all.data() + at, "\0\0\0\0\0\0\0\0", alignment) == 0) continue;
        last_used = at + alignment;
        if (intact_at(at, end_.batch, head) == At::batch)
            damaged(segment.number, end_.at, "a batch before its last ones cannot be read");
    }
    if (last_used == end_.at) return;
    const std::string zeros(last_used - end_.at, '\0');
    int error = current_.write(zeros, end_.at);
    if (error == 0) error = current_.sync();
    if (error != 0) throw Error{path(segment.number).string() + ": " + reason(error)};
    if (options_.notice)
        options_.notice(path(segment.number).string() + ": cut " + std::to_string(zeros.size()) +
                        " bytes of a batch that was never finished");
}

void Segments::damaged(std::uint64_t segment, std::size_t at, const char* what) const {
    throw Error{path(segment).string() + " is damaged at byte " + std::to_string(at) + ": " + what +
                ". Nothing was changed; restore the file from a copy"};
}

std::string Segments::append(const Transaction& transaction, Positions& first) {
    const std::lock_guard writing{writing_};
    frame_.clear();
    encode_batch(end_.batch, transaction, frame_);
    if (end_.at + frame_.size() > current_bytes_)
        if (std::string refusal = roll(frame_.size()); !refusal.empty()) return refusal;

    if (const int error = current_.write(frame_, end_.at)) {
        // Half a batch must not look like a whole one after the next start.
        if (current_.write(std::string(batch_head_bytes, '\0'), end_.at) == 0 &&
            current_.sync() == 0)
            return path(end_.segment).string() + ": " + reason(error);
        std::fprintf(stderr, "%s: %s, and it cannot be undone: stopping\n",
                     path(end_.segment).c_str(), reason(error).c_str());
        std::abort();
    }
    if (const int error = current_.sync()) {
        // After a failed sync the kernel may have dropped the pages; only a restart, which
        // reads what the disk really has, can tell.
        std::fprintf(stderr, "%s: fdatasync: %s: stopping\n", path(end_.segment).c_str(),
                     reason(error).c_str());
        std::abort();
    }

    {
        const std::lock_guard lock{mutex_};
        first = end_.positions;
        advance(end_.positions, std::string_view{frame_}.substr(batch_head_bytes));
        end_.at += frame_.size();
        ++end_.batch;
        add_mark(end_);
    }
    moved_.notify_all();
    return {};
}

// The current segment is full: goes on in the next. Empty when done, else why not.
std::string Segments::roll(std::size_t frame_bytes) {
    const std::size_t needed = segment_head_bytes(partitions_) + frame_bytes;
    File next;
    {
        std::unique_lock lock{spare_mutex_};
        spare_wanted_.wait(lock, [&] { return spare_ready_ || !spare_thread_.joinable(); });
        if (spare_.is_open() && spare_.size() >= needed) next = std::move(spare_);
    }
    int error = 0;
    if (!next.is_open()) error = make_spare(std::max(needed, options_.segment_bytes), next);

    const SegmentHead head{end_.segment + 1, end_.batch, end_.positions};
    if (error == 0) error = next.write(encode_head(head), 0);
    if (error == 0) error = next.sync();
    if (error == 0 &&
        ::rename((options_.folder / spare_name).c_str(), path(head.number).c_str()) != 0)
        error = errno;
    if (error == 0 && ::fsync(folder_.descriptor()) != 0) error = errno;
    if (error == 0) {
        current_ = std::move(next);
        current_bytes_ = current_.size();
        const std::lock_guard lock{mutex_};
        end_.segment = head.number;
        end_.at = segment_head_bytes(partitions_);
        segments_.push_back({head.number, {end_}});
    } else {
        ::unlink((options_.folder / spare_name).c_str());
    }
    {
        const std::lock_guard lock{spare_mutex_};
        spare_ = File{};
        spare_ready_ = false;
    }
    spare_wanted_.notify_all();
    return error == 0 ? std::string{}
                      : options_.folder.string() + ": no room for a new segment: " + reason(error);
}

int Segments::make_spare(std::size_t bytes, File& file) const {
    const fs::path name = options_.folder / spare_name;
    ::unlink(name.c_str());
    bytes = (bytes + alignment - 1) / alignment * alignment;
    try {
        file = File{name, O_RDWR | O_CREAT | O_EXCL};
    } catch (const Error&) {
        return errno != 0 ? errno : EIO;
    }
    const std::string zeros(std::min(bytes, fill_bytes), '\0');
    int error = 0;
    for (std::size_t at = 0; at < bytes && error == 0; at += zeros.size())
        error =
            file.write(std::string_view{zeros}.substr(0, std::min(zeros.size(), bytes - at)), at);
    if (error == 0) error = file.sync();
    if (error != 0) {
        ::unlink(name.c_str());
        file = File{};
    }
    return error;
}

void Segments::prepare_spares() {
    // It has time; commands have not.
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), 10);
    std::unique_lock lock{spare_mutex_};
    while (true) {
        spare_wanted_.wait(lock, [&] { return stopping_ || !spare_ready_; });
        if (stopping_) return;
        lock.unlock();
        File file;
        // Without room now the roll will try once more, and refuse if there is still none.
        const int error = make_spare(options_.segment_bytes, file);
        lock.lock();
        if (error == 0) spare_ = std::move(file);
        spare_ready_ = true;
        spare_wanted_.notify_all();
    }
}

Mark Segments::end() const {
    const std::lock_guard lock{mutex_};
    return end_;
}

Offset Segments::end(Topic topic, int partition) const {
    const std::lock_guard lock{mutex_};
    return end_.positions.of(topic, partition);
}

Offset Segments::consumed(int partition) const {
    const std::lock_guard lock{mutex_};
    return end_.positions.consumed[static_cast<std::size_t>(partition)];
}

std::pair<std::uint64_t, std::size_t> Segments::end_place() const {
    const std::lock_guard lock{mutex_};
    return {end_.segment, end_.at};
}

bool Segments::at_end(Topic topic, const std::vector<PartitionOffset>& wanted, Mark& end) const {
    const std::lock_guard lock{mutex_};
    for (const PartitionOffset& one : wanted)
        if (end_.positions.of(topic, one.partition) > one.offset) return false;
    end = end_;
    return true;
}

Mark Segments::before(Topic topic, const std::vector<PartitionOffset>& wanted) const {
    const std::lock_guard lock{mutex_};
    const auto fits = [&](const Mark& mark) {
        return std::ranges::all_of(wanted, [&](const PartitionOffset& one) {
            return mark.positions.of(topic, one.partition) <= one.offset;
        });
    };
    for (auto segment = segments_.rbegin(); segment != segments_.rend(); ++segment) {
        if (!fits(segment->marks.front())) continue;
        const auto beyond = std::ranges::partition_point(segment->marks, fits);
        return *std::prev(beyond);
    }
    return segments_.front().marks.front();
}

void Segments::remember(const Mark& mark) {
    const std::lock_guard lock{mutex_};
    add_mark(mark);
}

void Segments::add_mark(const Mark& mark) {
    auto& marks = segments_[mark.segment - segments_.front().number].marks;
    if (mark.at >= marks.back().at + mark_distance) marks.push_back(mark);
}

} // namespace bus::embedded
