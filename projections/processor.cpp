#include "projections/processor.hpp"

#include "projections/batch.hpp"
#include "projections/thread_name.hpp"

#include <algorithm>
#include <chrono>

namespace projections {

namespace {

using bus::Commit;
using Clock = std::chrono::steady_clock;
using Plant = ProcessorOptions::Plant;

constexpr bus::milliseconds round_wait{500};
constexpr bus::milliseconds refused_wait{50}; // A full disk is not asked in a tight loop.
constexpr std::size_t commands_per_step = 32; // Of writing, so that writing keeps pace.

std::uint64_t nanoseconds_since(Clock::time_point from) {
    return static_cast<std::uint64_t>((Clock::now() - from).count());
}

ProcessorOptions completed(ProcessorOptions options) {
    if (!options.milliseconds_now)
        options.milliseconds_now = [] {
            return std::chrono::duration_cast<std::chrono::milliseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                .count();
        };
    return options;
}

} // namespace

Processor::Processor(bus::Log& log, std::string name, Store& store, const Registry& registry,
                     Answerer& answerer, ProcessorOptions options)
    : log_{log},
      store_{store},
      answerer_{answerer},
      options_{completed(std::move(options))},
      owner_{log.own(std::move(name))},
      streams_{store, registry, options_.streams_kept_max},
      fold_{streams_},
      partitions_(static_cast<std::size_t>(log.partitions())),
      owned_{std::make_unique<std::atomic<bool>[]>(partitions_.size())},
      batch_{std::make_unique<Batch>(*this, registry)},
      flushed_at_{now()} {}

Processor::~Processor() = default;

bool Processor::submit(std::vector<Submission>&& submissions) {
    bool wake = false;
    {
        const std::lock_guard lock{mutex_};
        if (submitted_.size() + submissions.size() > options_.waiting_max || stopping_)
            return false;
        if (submitted_.empty())
            submitted_ = std::move(submissions);
        else
            std::ranges::move(submissions, std::back_inserter(submitted_));
        wake = sleeping_;
        sleeping_ = false;
    }
    if (wake) owner_->wake();
    return true;
}

bool Processor::owns(int partition) const {
    return owned_[static_cast<std::size_t>(partition)].load(std::memory_order_relaxed);
}

bool Processor::ready() const {
    return !handing_over_.load() && meter_.partitions_restoring.load() == 0;
}

void Processor::run() {
    name_thread("processor");
    while (true) {
        {
            const std::lock_guard lock{mutex_};
            if (stopping_ && submitted_.empty()) break;
        }
        turn(round_wait);
    }
    leave();
}

void Processor::stop() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    owner_->wake();
}

void Processor::leave() {
    owner_->leave();
    std::map<int, Stamp> stamps;
    for (std::size_t i = 0; i < partitions_.size(); ++i)
        if (partitions_[i].owned) stamps[static_cast<int>(i)] = partitions_[i].committed;
    streams_.flush_all(std::move(stamps));
    store_.persist();
}

void Processor::turn(bus::milliseconds wait) {
    take(wait);
    if (!taken_.empty() || waiting() != 0) {
        decide_batch();
        step("decided");
        Commit commit{Commit::State::committed, {}, {}};
        if (options_.plant == Plant::position_outside_transaction) {
            bus::Transaction position;
            for (const auto& one : batch_->transaction().consumed())
                position.consumed(one.partition, one.offset);
            if (!position.empty()) owner_->commit(position);
            step("position");
        }
        if (!batch_->transaction().empty()) {
            const auto from = Clock::now();
            commit = owner_->commit(batch_->transaction());
            meter_.commit_nanoseconds += nanoseconds_since(from);
        }
        finish(std::move(commit));
    }
    write_lazily();
}

void Processor::take(bus::milliseconds wait) {
    if (streams_.flushing()) wait = bus::milliseconds{0};
    if (commit_refused_) wait = std::min(wait, refused_wait);
    {
        const std::lock_guard lock{mutex_};
        if (!submitted_.empty() && !commit_refused_)
            wait = bus::milliseconds{0};
        else
            sleeping_ = wait.count() > 0;
    }
    owner_->poll(turn_, again_.empty() ? options_.batch_commands_max : 0, wait);
    {
        const std::lock_guard lock{mutex_};
        sleeping_ = false;
        const std::size_t count = std::min(submitted_.size(), options_.batch_commands_max);
        const auto end = submitted_.begin() + static_cast<std::ptrdiff_t>(count);
        if (count == submitted_.size() && taken_.empty()) {
            std::swap(taken_, submitted_);
        } else {
            std::move(submitted_.begin(), end, std::back_inserter(taken_));
            submitted_.erase(submitted_.begin(), end);
        }
    }
    if (!turn_.lost.empty()) end_tenures(turn_.lost);
    begin_tenures(turn_.gained);
    if (handing_over_ && !turn_.gained.empty()) handing_over_ = false;
}

void Processor::end_tenures(const std::vector<int>& partitions) {
    for (const int number : partitions) {
        Partition& partition = partitions_[static_cast<std::size_t>(number)];
        if (!partition.owned) continue;
        partition.owned = false;
        owned_[static_cast<std::size_t>(number)] = false;
        --meter_.partitions_owned;
        streams_.forget(number);
        std::erase_if(again_, [&](const Waiting& one) { return one.partition == number; });
    }
}

void Processor::begin_tenures(const std::vector<bus::Tenure>& tenures) {
    if (tenures.empty()) return;
    const int count = static_cast<int>(tenures.size());
    meter_.partitions_restoring += count;
    std::vector<Behind> behind;
    for (const bus::Tenure& tenure : tenures) {
        end_tenures({tenure.partition});
        streams_.learn(tenure.partition);
        behind.push_back({tenure.partition, tenure.events_end, store_.stamp(tenure.partition)});
        if (behind.back().stamp.next > tenure.events_end)
            throw BrokenLog{"events/" + std::to_string(tenure.partition) + " ends at " +
                            std::to_string(tenure.events_end) +
                            ", but the store has seen it up to " +
                            std::to_string(behind.back().stamp.next) +
                            ": is this the store of another log? Rebuild it"};
    }
    catch_up(log_, behind, streams_, fold_, options_.streams_dirty_max,
             [&](std::uint64_t) { step("restoring"); });
    meter_.unreadable_events = fold_.unreadable();
    for (std::size_t i = 0; i < tenures.size(); ++i) {
        Partition& partition = partitions_[static_cast<std::size_t>(tenures[i].partition)];
        partition.stamp = partition.committed = behind[i].stamp;
        partition.owned = true;
        owned_[static_cast<std::size_t>(tenures[i].partition)] = true;
    }
    meter_.partitions_owned += count;
    meter_.partitions_restoring -= count;
}

void Processor::decide_batch() {
    const auto from = Clock::now();
    const auto full = [&] { return batch_->transaction().bytes() > options_.batch_bytes_max; };
    std::size_t from_log = 0, from_memory = 0;
    const auto decide_one = [&](int partition, bus::Offset offset, std::string_view key,
                                std::string_view value) {
        batch_->decide(partition, offset, key, value);
        batch_->transaction().consumed(partition, offset + 1);
    };
    const auto attempt = [&] {
        answers_.clear();
        batch_->clear();
        for (from_log = 0; from_log < waiting() && !full(); ++from_log)
            if (again_.empty()) {
                const bus::Record& one = turn_.commands[from_log];
                if (partitions_[static_cast<std::size_t>(one.partition)].owned)
                    decide_one(one.partition, one.offset, one.key, one.value);
            } else {
                const Waiting& one = again_[from_log];
                decide_one(one.partition, one.offset, one.key, one.value);
            }
        for (from_memory = 0; from_memory < taken_.size() && !full(); ++from_memory) {
            Submission& submission = taken_[from_memory];
            if (partitions_[static_cast<std::size_t>(submission.partition)].owned) {
                batch_->decide(submission);
            } else {
                Answer& answer = answers_.emplace_back();
                answer.kind = Answer::Kind::elsewhere;
                answer.asker = submission.asker;
                answer.asker_item = submission.asker_item;
            }
        }
    };
    while (true) {
        try {
            attempt();
            break;
        } catch (const Batch::Undecidable&) {
            streams_.undo_batch();
            for (Partition& partition : partitions_)
                partition.stamp = partition.committed;
        }
    }
    batch_->forgive();
    decided_from_log_ = from_log;
    decided_last_ = from_log + from_memory;
    if (from_memory < taken_.size()) {
        const std::lock_guard lock{mutex_};
        submitted_.insert(
            submitted_.begin(),
            std::make_move_iterator(taken_.begin() + static_cast<std::ptrdiff_t>(from_memory)),
            std::make_move_iterator(taken_.end()));
        taken_.resize(from_memory);
    }
    ++meter_.batches;
    meter_.batch_records += batch_->transaction().entries().size();
    meter_.batch_bytes += batch_->transaction().bytes();
    meter_.decide_nanoseconds += nanoseconds_since(from);
}

void Processor::finish(Commit commit) {
    step("committed");
    const bool committed = commit.state == Commit::State::committed;
    if (committed || options_.plant == Plant::apply_before_commit) {
        commit.offsets.resize(batch_->transaction().entries().size());
        batch_->keep(commit.offsets);
        streams_.keep_batch();
        const auto& entries = batch_->transaction().entries();
        for (std::size_t i = 0; i < entries.size(); ++i)
            if (entries[i].topic == bus::Topic::events)
                partitions_[static_cast<std::size_t>(entries[i].partition)].stamp.next =
                    commit.offsets[i] + 1;
        for (Partition& partition : partitions_)
            partition.committed = partition.stamp;
    } else {
        streams_.undo_batch();
        for (Partition& partition : partitions_)
            partition.stamp = partition.committed;
    }
    commit_refused_ = commit.state == Commit::State::refused;
    keep_waiting(committed ? decided_from_log_ : 0);
    if (!committed) {
        for (Answer& answer : answers_) {
            if (answer.kind == Answer::Kind::elsewhere) continue;
            answer.kind = Answer::Kind::unavailable;
            answer.reason = commit.reason;
        }
        if (commit_refused_) {
            ++meter_.commits_refused;
        } else {
            ++meter_.commits_lost;
            std::vector<int> all;
            for (std::size_t i = 0; i < partitions_.size(); ++i)
                if (partitions_[i].owned) all.push_back(static_cast<int>(i));
            end_tenures(all);
            again_.clear();
        }
    }
    step("applied");
    taken_.clear();
    batch_->clear();
    if (!answers_.empty()) answerer_.answered(answers_);
    answers_.clear();
}

std::size_t Processor::waiting() const {
    return again_.empty() ? turn_.commands.size() : again_.size();
}

// Commands of the log beyond the first `decided` are decided in the next round: the log does
// not hand them out again.
void Processor::keep_waiting(std::size_t decided) {
    if (!again_.empty()) {
        again_.erase(again_.begin(), again_.begin() + static_cast<std::ptrdiff_t>(decided));
    } else {
        for (std::size_t i = decided; i < turn_.commands.size(); ++i) {
            const bus::Record& one = turn_.commands[i];
            if (partitions_[static_cast<std::size_t>(one.partition)].owned)
                again_.push_back(
                    {one.partition, one.offset, std::string{one.key}, std::string{one.value}});
        }
    }
    turn_.commands.clear();
}

void Processor::write_lazily() {
    meter_.streams = streams_.size();
    meter_.streams_dirty = streams_.dirty();
    if (!streams_.flushing()) {
        const bool due = now() - flushed_at_ >= options_.flush_after_milliseconds;
        if (streams_.dirty() == 0 || (!due && streams_.dirty() <= options_.streams_dirty_max)) {
            streams_.trim();
            return;
        }
        std::map<int, Stamp> stamps;
        for (std::size_t i = 0; i < partitions_.size(); ++i)
            if (partitions_[i].owned) stamps[static_cast<int>(i)] = partitions_[i].committed;
        streams_.begin_flush(std::move(stamps));
        flushed_at_ = now();
    }
    const bool behind = streams_.dirty() > 2 * options_.streams_dirty_max;
    std::size_t steps = 1 + decided_last_ / commands_per_step;
    while (streams_.flushing() && (behind || steps-- > 0)) {
        streams_.flush_step();
        step("stored");
    }
    streams_.trim();
}

} // namespace projections
