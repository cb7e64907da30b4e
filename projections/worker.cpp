#include "projections/worker.hpp"

#include "domain/effect.hpp"
#include "projections/thread_name.hpp"
#include "schemas/codec.hpp"

#include <algorithm>
#include <xxhash.h>

namespace projections {

namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

constexpr std::size_t worker_block_bytes = 256 * 1024;
constexpr milliseconds worker_round_wait{20};
constexpr milliseconds record_wait{30'000};

// Names hold characters that no stream's id does.
std::string effect_stream(std::string_view item) {
    const auto hash = XXH3_128bits(item.data(), item.size());
    std::string stream = "effect-";
    for (const std::uint64_t half : {hash.high64, hash.low64})
        for (int shift = 60; shift >= 0; shift -= 4)
            stream.push_back("0123456789abcdef"[half >> shift & 15]);
    return stream;
}

template <class Command>
PostedCommand effect_command(std::string_view item, const Command& command) {
    PostedCommand posted{effect_stream(item), std::string{Command::type}, {}};
    schemas::write(command, posted.data);
    return posted;
}

// Spread by the item itself, so that those that failed together do not come back together.
milliseconds jittered(milliseconds wait, std::string_view item, std::uint32_t attempt) {
    const std::uint64_t hash = XXH3_64bits_withSeed(item.data(), item.size(), attempt);
    return wait * 3 / 4 + milliseconds{static_cast<std::int64_t>(
                              hash % static_cast<std::uint64_t>(wait.count() / 2 + 1))};
}

} // namespace

Worker::Worker(bus::Log& log, const TodoFold& fold, Store& store, Performer& performer,
               Poster& poster, WorkerOptions options)
    : log_{log},
      fold_{fold},
      store_{store},
      performer_{performer},
      poster_{poster},
      options_{std::move(options)},
      todo_{fold, store, log.partitions()} {}

Worker::~Worker() { stop(); }

void Worker::start() {
    std::vector<bus::PartitionOffset> from;
    for (int partition = 0; partition < log_.partitions(); ++partition)
        from.push_back({partition, todo_.position(partition)});
    reader_ = log_.read(bus::Topic::events, from);
    follower_ = std::thread{[this] {
        name_thread("worker " + std::string{name()}, 0);
        try {
            follow();
        } catch (const std::exception& error) {
            const std::lock_guard lock{mutex_};
            trouble_ = std::string{name()} + ": " + error.what();
        }
    }};
    for (std::size_t i = 0; i < options_.at_once; ++i)
        performers_.emplace_back([this] { perform(); });
}

void Worker::stop() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    wanted_.notify_all();
    if (reader_) reader_->wake();
    for (std::thread& one : performers_)
        if (one.joinable()) one.join();
    if (follower_.joinable()) follower_.join();
}

std::string Worker::trouble() const {
    const std::lock_guard lock{mutex_};
    return trouble_;
}

void Worker::follow() {
    std::vector<bus::Offset> goal;
    for (int partition = 0; partition < log_.partitions(); ++partition)
        goal.push_back(log_.end(bus::Topic::events, partition));
    auto flushed_at = Steady::now();
    allowed_at_ = flushed_at;
    while (true) {
        std::deque<Report> reports;
        {
            const std::lock_guard lock{mutex_};
            if (stopping_) break;
            reports.swap(reports_);
        }
        for (Report& report : reports)
            heard(report);
        for (const bus::Record& record : reader_->read(
                 worker_block_bytes, reports.empty() ? worker_round_wait : milliseconds{0}))
            todo_.apply(record);
        std::erase_if(busy_, [&](const auto& one) {
            if (todo_.find(one.first) == nullptr) return true;
            const Busy& busy = one.second;
            if (busy.told_at == Steady::time_point{} || Steady::now() - busy.told_at < record_wait)
                return false;
            // Decided, and yet no record of it: refused as somebody else's. Again, then parked.
            todo_.postpone(one.first, {now().milliseconds + options_.backoff_max.count()});
            return true;
        });
        if (!caught_up_) {
            bool there = true;
            for (const bus::PartitionOffset& at : reader_->position())
                there = there && at.offset >= goal[static_cast<std::size_t>(at.partition)];
            caught_up_ = there;
        }
        // Before that it does not know what is concluded already.
        if (caught_up_) take_up(now());
        count();
        if (Steady::now() - flushed_at > milliseconds{options_.flush_after_milliseconds}) {
            todo_.flush();
            flushed_at = Steady::now();
        }
    }
    todo_.flush();
    store_.persist();
}

// Of what is decided here, so that instances add up: where a partition is not one's own, an item
// whose end was told to its owner alone stays.
void Worker::count() {
    std::size_t open = 0, parked = 0;
    for (int partition = 0; partition < log_.partitions(); ++partition)
        if (poster_.owns(partition)) {
            open += todo_.open(partition);
            parked += todo_.parked(partition);
        }
    meter_.open = open;
    meter_.parked = parked;
}

void Worker::take_up(domain::Time now) {
    const auto at = Steady::now();
    allowance_ += std::chrono::duration<double>(at - allowed_at_).count() * options_.per_second;
    allowance_ = std::min(allowance_, std::max(1.0, options_.per_second / 4));
    allowed_at_ = at;
    std::size_t due = 0;
    std::vector<TodoItem> taken;
    todo_.due(now, [&](const TodoItem& item) {
        if (busy_.contains(item.name) || !poster_.owns(item.partition)) return true;
        ++due;
        if (allowance_ < 1 || busy_.size() + taken.size() >= 4 * options_.at_once) return false;
        allowance_ -= 1;
        taken.push_back(item);
        return true;
    });
    meter_.due = due;
    if (taken.empty()) return;
    for (const TodoItem& item : taken)
        busy_.emplace(item.name, Busy{});
    {
        const std::lock_guard lock{mutex_};
        std::ranges::move(taken, std::back_inserter(taken_));
    }
    wanted_.notify_all();
}

void Worker::perform() {
    name_thread("perform " + std::string{name()}, 0);
    std::unique_lock lock{mutex_};
    while (true) {
        wanted_.wait(lock, [&] { return stopping_ || !taken_.empty(); });
        if (stopping_) return;
        Report report;
        const TodoItem item = std::move(taken_.front());
        taken_.pop_front();
        lock.unlock();
        report.item = item.name;
        ++meter_.begun;
        try {
            report.performed = performer_.perform(item);
        } catch (const std::exception& error) {
            report.performed.kind = Performed::Kind::again;
            report.performed.reason = error.what();
        }
        lock.lock();
        reports_.push_back(std::move(report));
    }
}

void Worker::heard(Report& report) {
    const TodoItem* item = todo_.find(report.item);
    const auto busy = busy_.find(report.item);
    if (item == nullptr || busy == busy_.end()) return;
    if (!report.told) return conclude(*item, std::move(report.performed));

    Busy& state = busy->second;
    switch (report.decided) {
    case Poster::Told::decided: break;
    case Poster::Told::repeated:
        // Its record stands before the opening one, or was folded long ago.
        if (state.commands_left == 1 && !state.post_failed) {
            todo_.close(report.item);
            busy_.erase(busy);
            return;
        }
        break;
    case Poster::Told::not_now: state.post_failed = true; break;
    case Poster::Told::impossible:
        ++meter_.failed_posts;
        return park(*item, "its conclusion was refused: " + report.rejection);
    }
    if (--state.commands_left > 0) return;
    state.told_at = Steady::now();
    if (state.post_failed) {
        ++meter_.failed_posts;
        later(*item, std::nullopt);
    }
}

void Worker::conclude(const TodoItem& item, Performed performed) {
    Busy& busy = busy_[item.name];
    const auto post = [&](const std::string& id, const PostedCommand& command, bool counts) {
        poster_.post(item, id, command,
                     [this, name = item.name, counts](Poster::Told told, const std::string& why) {
                         if (!counts) return;
                         Report report;
                         report.item = name;
                         report.told = true;
                         report.decided = told;
                         report.rejection = why;
                         const std::lock_guard lock{mutex_};
                         reports_.push_back(std::move(report));
                     });
    };
    switch (performed.kind) {
    case Performed::Kind::again:
        ++meter_.again;
        if (options_.notice) options_.notice(item, performed.reason);
        for (std::size_t i = 0; i < performed.meanwhile.size(); ++i)
            post(item.name + "~" + std::to_string(i), performed.meanwhile[i], false);
        if (item.attempts + 1 >= options_.attempts_max)
            return park(item, "given up after " + std::to_string(item.attempts + 1) +
                                  " attempts: " + performed.reason);
        return later(item, performed.wait);
    case Performed::Kind::parked: return park(item, std::move(performed.reason));
    case Performed::Kind::concluded: break;
    }
    ++meter_.concluded;
    if (performed.commands.empty())
        performed.commands.push_back(effect_command(item.name, domain::ConcludeEffect{item.name}));
    busy.commands_left = performed.commands.size();
    busy.post_failed = false;
    // The last one bears the item's name, and closes it.
    const std::size_t last = performed.commands.size() - 1;
    for (std::size_t i = 0; i < last; ++i)
        post(item.name + "." + std::to_string(i), performed.commands[i], true);
    post(item.name, performed.commands[last], true);
}

void Worker::later(const TodoItem& item, std::optional<milliseconds> wait) {
    milliseconds backoff = options_.backoff_first;
    for (std::uint32_t i = 0; i < item.attempts && backoff < options_.backoff_max; ++i)
        backoff *= 2;
    const milliseconds pause =
        wait ? *wait : jittered(std::min(backoff, options_.backoff_max), item.name, item.attempts);
    const std::string name = item.name;
    todo_.postpone(name, {now().milliseconds + pause.count()});
    busy_.erase(name);
}

void Worker::park(const TodoItem& item, std::string reason) {
    if (options_.notice) options_.notice(item, reason);
    const domain::ParkEffect command{item.name, std::string{name()}, item.stream, item.kind,
                                     std::move(reason)};
    const std::string name = item.name;
    // Each parking is a command of its own.
    poster_.post(item, name + "!" + std::to_string(now().milliseconds),
                 effect_command(name, command), [](Poster::Told, const std::string&) {});
    todo_.postpone(name, {now().milliseconds + options_.backoff_max.count()});
    busy_.erase(name);
}

} // namespace projections
