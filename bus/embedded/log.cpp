// The log, its owners, and the queue behind post().

#include "bus/embedded/embedded.hpp"
#include "bus/embedded/reader.hpp"
#include "bus/embedded/segments.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace bus::embedded {

namespace {

constexpr std::size_t poll_bytes = 1024 * 1024;

class FileLog;

class FileOwner final : public Owner {
public:
    explicit FileOwner(FileLog& log) : log_{log} {}
    ~FileOwner() override { leave(); }

    void poll(Turn& turn, std::size_t commands_max, milliseconds wait) override;
    Commit commit(const Transaction& transaction) override;
    void wake() override;
    void leave() override;

private:
    friend class FileLog;

    FileLog& log_;
    bool owns_ = false; // Of this thread: what poll() has said.
    std::uint64_t reign_ = 0; // When it said so.
    std::unique_ptr<Reader> commands_;
    std::span<const Record> waiting_; // Read, but not yet handed out.
    // Guarded by the log's mutex.
    Reader* waiting_reader_ = nullptr;
    bool woken_ = false;
};

class FileLog final : public Log {
public:
    explicit FileLog(Options options)
        : options_{std::move(options)}, segments_{std::make_shared<Segments>(options_)} {
        if (!options_.read_only) poster_ = std::thread{[this] { append_posted(); }};
    }

    ~FileLog() override {
        {
            const std::lock_guard lock{mutex_};
            stopping_ = true;
        }
        changed_.notify_all();
        if (poster_.joinable()) poster_.join();
    }

    int partitions() const override { return segments_->partitions(); }
    Offset end(Topic topic, int partition) override { return segments_->end(topic, partition); }
    Offset consumed(int partition) override { return segments_->consumed(partition); }

    std::unique_ptr<Reader> read(Topic topic, std::vector<PartitionOffset> from) override {
        return std::make_unique<FileReader>(segments_, topic, std::move(from));
    }

    std::vector<std::string> fetch(Topic topic, int partition,
                                   std::span<const Offset> offsets) override {
        std::vector<std::string> values;
        std::unique_ptr<Reader> reader;
        std::span<const Record> records;
        for (const Offset wanted : offsets) {
            if (wanted < 0 || wanted >= end(topic, partition))
                throw Error{std::string{name(topic)} + "/" + std::to_string(partition) +
                            " has no record at " + std::to_string(wanted)};
            auto found = std::ranges::find(records, wanted, &Record::offset);
            while (found == records.end()) {
                const Offset next = reader ? reader->position().front().offset : wanted + 1;
                if (next > wanted || next + 1000 < wanted)
                    reader = read(topic, {{partition, wanted}});
                records = reader->read(1, milliseconds{0});
                found = std::ranges::find(records, wanted, &Record::offset);
            }
            values.emplace_back(found->value);
        }
        return values;
    }

    std::unique_ptr<Owner> own(std::string) override {
        writable();
        auto owner = std::make_unique<FileOwner>(*this);
        const std::lock_guard lock{mutex_};
        owners_.push_back(owner.get());
        ++reign_;
        wake_waiting();
        return owner;
    }

    void append(const Transaction& transaction) override {
        writable();
        check(transaction);
        const std::lock_guard lock{committing_};
        Positions first{0};
        if (const std::string refusal = segments_->append(transaction, first); !refusal.empty())
            throw Error{refusal};
        tell_trouble({});
    }

    bool post(Topic topic, int partition, std::string_view key, std::string_view value) override {
        writable();
        const std::lock_guard lock{mutex_};
        if (posted_.bytes() + key.size() + value.size() > options_.posted_bytes_max ||
            key.size() > key_bytes_max || value.size() > value_bytes_max)
            return false;
        posted_.append(topic, partition, key, value);
        changed_.notify_all();
        return true;
    }

    std::string trouble() const override {
        const std::lock_guard lock{mutex_};
        return trouble_;
    }

private:
    friend class FileOwner;

    void writable() const {
        if (options_.read_only) throw Error{options_.folder.string() + " was opened to read only"};
    }

    void check(const Transaction& transaction) const {
        for (const auto& entry : transaction.entries()) {
            if (entry.key_size > key_bytes_max || entry.value_size > value_bytes_max)
                throw Error{"a record of " + std::to_string(entry.key_size + entry.value_size) +
                            " bytes is too large"};
            if (entry.partition < 0 || entry.partition >= segments_->partitions())
                throw Error{"there is no partition " + std::to_string(entry.partition)};
        }
        if (transaction.bytes() > std::size_t{1} << 30) throw Error{"a transaction is too large"};
    }

    void tell_trouble(std::string trouble) {
        const std::lock_guard lock{mutex_};
        if (trouble != trouble_) trouble_ = std::move(trouble);
    }

    // The newest owner has all partitions: an older one is about to end, or is stuck.
    bool is_owner(const FileOwner* owner) const {
        return !owners_.empty() && owners_.back() == owner;
    }

    void wake_waiting() {
        for (FileOwner* owner : owners_)
            if (owner->waiting_reader_ != nullptr) owner->waiting_reader_->wake();
        changed_.notify_all();
    }

    void append_posted() {
        Transaction batch;
        std::unique_lock lock{mutex_};
        while (true) {
            changed_.wait(lock, [&] { return stopping_ || !posted_.entries().empty(); });
            if (posted_.entries().empty()) return;
            std::swap(batch, posted_);
            lock.unlock();
            // May be lost, says post(): whoever posted repeats it.
            try {
                append(batch);
            } catch (const Error& error) {
                tell_trouble(error.what());
            }
            batch.clear();
            lock.lock();
        }
    }

    const Options options_;
    const std::shared_ptr<Segments> segments_;

    std::mutex committing_; // So that ownership cannot change during a commit.
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<FileOwner*> owners_;
    std::uint64_t reign_ = 0; // Counts the changes of who owns: who comes back missed some.
    Transaction posted_;
    std::string trouble_;
    bool stopping_ = false;
    std::thread poster_;
};

void FileOwner::poll(Turn& turn, std::size_t commands_max, milliseconds wait) {
    turn.lost.clear();
    turn.gained.clear();
    turn.commands.clear();
    const auto until = std::chrono::steady_clock::now() + wait;
    while (true) {
        bool owner = false;
        std::uint64_t reign = 0;
        {
            const std::lock_guard lock{log_.mutex_};
            reign = log_.reign_;
            // Who was replaced for a while has lost all first.
            owner = log_.is_owner(this) && (!owns_ || reign_ == reign);
            waiting_reader_ = nullptr;
        }
        const int partitions = log_.partitions();
        if (owns_ != owner) {
            owns_ = owner;
            reign_ = reign;
            waiting_ = {};
            commands_.reset();
            std::vector<PartitionOffset> from;
            for (int partition = 0; partition < partitions; ++partition) {
                if (!owner) {
                    turn.lost.push_back(partition);
                    continue;
                }
                from.push_back({partition, log_.consumed(partition)});
                turn.gained.push_back(
                    {partition, from.back().offset, log_.end(Topic::events, partition)});
            }
            if (owner) commands_ = log_.read(Topic::commands, from);
            return;
        }
        const auto left =
            std::max(milliseconds{0},
                     std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now()));
        if (!owner) {
            std::unique_lock lock{log_.mutex_};
            log_.changed_.wait_for(lock, left, [&] { return woken_ || log_.is_owner(this); });
            if (std::exchange(woken_, false) || !log_.is_owner(this)) return;
            continue;
        }
        if (waiting_.empty()) {
            {
                const std::lock_guard lock{log_.mutex_};
                if (std::exchange(woken_, false)) wait = milliseconds{0};
                waiting_reader_ = commands_.get();
            }
            waiting_ = commands_->read(poll_bytes, wait.count() == 0 ? wait : left);
            const std::lock_guard lock{log_.mutex_};
            waiting_reader_ = nullptr;
            woken_ = false;
            if (!log_.is_owner(this) || reign_ != log_.reign_) continue;
        }
        const auto handed = waiting_.first(std::min(waiting_.size(), commands_max));
        turn.commands.assign(handed.begin(), handed.end());
        waiting_ = waiting_.subspan(handed.size());
        return;
    }
}

Commit FileOwner::commit(const Transaction& transaction) {
    try {
        log_.check(transaction);
    } catch (const Error& error) {
        return {Commit::State::refused, {}, error.what()};
    }

    const std::lock_guard committing{log_.committing_};
    {
        const std::lock_guard lock{log_.mutex_};
        if (!owns_ || !log_.is_owner(this) || reign_ != log_.reign_)
            return {Commit::State::lost, {}, "another owner has taken the partitions"};
    }
    if (transaction.empty()) return {Commit::State::committed, {}, {}};
    Positions next{0};
    if (std::string refusal = log_.segments_->append(transaction, next); !refusal.empty()) {
        log_.tell_trouble(refusal);
        return {Commit::State::refused, {}, std::move(refusal)};
    }
    log_.tell_trouble({});
    Commit commit{Commit::State::committed, {}, {}};
    commit.offsets.reserve(transaction.entries().size());
    for (const auto& entry : transaction.entries())
        commit.offsets.push_back(next.of(entry.topic, entry.partition)++);
    return commit;
}

void FileOwner::wake() {
    const std::lock_guard lock{log_.mutex_};
    woken_ = true;
    if (waiting_reader_ != nullptr) waiting_reader_->wake();
    log_.changed_.notify_all();
}

void FileOwner::leave() {
    const std::lock_guard committing{log_.committing_};
    const std::lock_guard lock{log_.mutex_};
    if (log_.is_owner(this)) ++log_.reign_;
    std::erase(log_.owners_, this);
    owns_ = false;
    log_.wake_waiting();
}

} // namespace

std::unique_ptr<Log> open(Options options) { return std::make_unique<FileLog>(std::move(options)); }

} // namespace bus::embedded
