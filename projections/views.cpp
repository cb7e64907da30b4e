#include "projections/fold.hpp"
#include "projections/rocksdb_options.hpp"
#include "projections/thread_name.hpp"
#include "projections/view.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace projections {

namespace {

using bus::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::size_t view_block_bytes = 512 * 1024;
constexpr milliseconds view_round_wait{100};
// While nobody waits for it a view lets some events gather: a round costs the same for one
// event as for a hundred.
constexpr milliseconds gather_time{5};
constexpr std::size_t gather_below = 200; // With more to do it does not pause.

void check_database(const rocksdb::Status& status) {
    if (!status.ok()) throw std::runtime_error{"views: " + status.ToString()};
}

std::int64_t now_milliseconds() {
    return std::chrono::duration_cast<milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

struct Waiter {
    std::optional<bus::PartitionOffset> position; // None: any, as long as nothing is being folded.
    Clock::time_point until;
    std::function<void(bool)> then;
};

// The column families of the database: "<view>@<version>.<generation>". Of one view the
// "live:<view>" row names the one in use.
class Database {
public:
    Database(const std::filesystem::path& folder, std::size_t cache_bytes)
        : options_{rocksdb_options(cache_bytes)} {
        std::filesystem::create_directories(folder);
        std::vector<std::string> names;
        if (!rocksdb::DB::ListColumnFamilies(options_, folder.string(), &names).ok())
            names = {rocksdb::kDefaultColumnFamilyName};
        std::vector<rocksdb::ColumnFamilyDescriptor> families;
        for (const std::string& name : names)
            families.emplace_back(name, options_);
        std::vector<rocksdb::ColumnFamilyHandle*> handles;
        rocksdb::DB* database = nullptr;
        check_database(rocksdb::DB::Open(options_, folder.string(), families, &handles, &database));
        database_.reset(database);
        for (std::size_t i = 0; i < names.size(); ++i)
            handles_[names[i]].reset(handles[i]);
    }

    std::string live(std::string_view view) const {
        std::string name;
        database_->Get(rocksdb::ReadOptions{}, "live:" + std::string{view}, &name);
        return handles_.contains(name) ? name : std::string{};
    }

    void set_live(std::string_view view, const std::string& family) {
        rocksdb::WriteOptions synced;
        synced.sync = true;
        check_database(database_->Put(synced, "live:" + std::string{view}, family));
    }

    std::unique_ptr<ViewRows> open(const std::string& family, int partitions) {
        auto found = handles_.find(family);
        if (found == handles_.end()) {
            rocksdb::ColumnFamilyHandle* handle = nullptr;
            check_database(database_->CreateColumnFamily(options_, family, &handle));
            found = handles_.emplace(family, handle).first;
        }
        auto rows = std::make_unique<ViewRows>(database_, std::move(found->second), partitions);
        handles_.erase(found);
        return rows;
    }

    // What a rebuild that was broken off, or an older version, left behind.
    void drop_unused(std::string_view view, const std::string& but) {
        for (auto at = handles_.begin(); at != handles_.end();) {
            if (at->first.starts_with(std::string{view} + "@") && at->first != but) {
                check_database(database_->DropColumnFamily(at->second.get()));
                at = handles_.erase(at);
            } else {
                ++at;
            }
        }
    }

    void drop(const ViewRows& rows) { check_database(database_->DropColumnFamily(rows.family())); }

private:
    const rocksdb::Options options_;
    std::shared_ptr<rocksdb::DB> database_;
    std::map<std::string, std::unique_ptr<rocksdb::ColumnFamilyHandle>> handles_;
};

} // namespace

// One view: the rows that are read, and, while it is made anew, those that will be.
struct Views::Content {
    struct View {
        std::unique_ptr<ViewFold> fold;
        std::shared_ptr<ViewRows> live;
        std::string live_family;
        bool outdated = false; // Of another version: read, but not folded into.
        std::vector<bus::Offset> goal;
        std::atomic<bool> caught_up = false, rebuild_wanted = false, rebuilding = false;
        std::atomic<std::int64_t> last_event_time = 0;
        std::deque<Waiter> waiters;
        std::string trouble;
        std::thread thread;
    };

    Content(bus::Log& the_log, const std::filesystem::path& folder, ViewsOptions the_options)
        : log{the_log}, options{the_options}, database{folder, the_options.cache_bytes} {}

    View& of(std::string_view name) const {
        for (const auto& view : views)
            if (view->fold->name() == name) return *view;
        throw std::out_of_range{"there is no view " + std::string{name}};
    }

    std::string family(const View& view, int generation) const {
        return std::string{view.fold->name()} + "@" + std::to_string(view.fold->version()) + "." +
               std::to_string(generation);
    }

    void follow(View& view);
    void follow_rows(View& view, ViewRows& rows, bool is_live);
    void tell_waiters(View& view, const ViewRows& rows);
    void gather(View& view);
    bool reached(const ViewRows& rows, const std::vector<bus::Offset>& goal) const;

    bus::Log& log;
    const ViewsOptions options;
    Database database;
    std::vector<std::unique_ptr<View>> views;
    mutable std::mutex mutex; // Over each view's live, waiters and trouble.
    std::atomic<bool> stopping = false;
    std::condition_variable hurry; // Somebody began to wait.
};

bool Views::Content::reached(const ViewRows& rows, const std::vector<bus::Offset>& goal) const {
    for (std::size_t i = 0; i < goal.size(); ++i)
        if (rows.position(static_cast<int>(i)) < goal[i]) return false;
    return true;
}

void Views::Content::tell_waiters(View& view, const ViewRows& rows) {
    std::vector<std::pair<std::function<void(bool)>, bool>> told;
    {
        const std::lock_guard lock{mutex};
        const auto now = Clock::now();
        std::erase_if(view.waiters, [&](Waiter& waiter) {
            const bool there = waiter.position ? rows.position(waiter.position->partition) >
                                                     waiter.position->offset
                                               : !stopping && view.trouble.empty();
            // Who waits for a view that stands still would wait for ever.
            if (!there && now < waiter.until && !stopping && view.trouble.empty()) return false;
            told.emplace_back(std::move(waiter.then), there);
            return true;
        });
    }
    for (const auto& [then, there] : told)
        then(there);
}

void Views::Content::gather(View& view) {
    std::unique_lock lock{mutex};
    hurry.wait_for(lock, gather_time, [&] { return !view.waiters.empty() || stopping; });
}

// Folds the log into `rows` until the view has to stop or, when these are not the rows that are
// read, until they have caught up.
void Views::Content::follow_rows(View& view, ViewRows& rows, bool is_live) {
    const int partitions = log.partitions();
    std::vector<bus::PartitionOffset> from;
    std::vector<bus::Offset> goal;
    for (int partition = 0; partition < partitions; ++partition) {
        from.push_back({partition, rows.position(partition)});
        goal.push_back(log.end(bus::Topic::events, partition));
    }
    const auto reader = log.read(bus::Topic::events, from);
    schemas::EnvelopeReader envelopes;
    auto flushed_at = Clock::now();
    while (!stopping && !(is_live && view.rebuild_wanted)) {
        const auto records = reader->read(view_block_bytes, view_round_wait);
        for (const bus::Record& record : records) {
            const auto event = envelopes.event(record.value);
            if (!event)
                throw BrokenLog{"events/" + std::to_string(record.partition) + "/" +
                                std::to_string(record.offset) + " is no event: " +
                                event.error().where + " " + event.error().problem};
            view.fold->apply(*event, record, rows);
            if (is_live) view.last_event_time = event->time.milliseconds;
        }
        rows.release(reader->position());
        if (is_live) {
            tell_waiters(view, rows);
            if (!view.caught_up && reached(rows, view.goal)) view.caught_up = true;
            if (!records.empty() && records.size() < gather_below) gather(view);
        } else {
            // Nothing is folded into the live rows meanwhile, but a wait still has its end.
            tell_waiters(view, *view.live);
            if (reached(rows, goal)) break;
        }
        const auto now = Clock::now();
        if (rows.waiting() > options.rows_waiting_max ||
            (now - flushed_at > milliseconds{options.flush_after_milliseconds} &&
             (rows.waiting() > 0 || !records.empty()))) {
            rows.flush(false);
            flushed_at = now;
        }
    }
    rows.flush(true);
}

void Views::Content::follow(View& view) {
    // Commands go first: a view may lag a little, and who needs it waits for it.
    name_thread("view " + std::string{view.fold->name()}, 5);
    while (!stopping) {
        try {
            if (!view.outdated && !view.rebuild_wanted) follow_rows(view, *view.live, true);
            if (stopping) break;
            // Made anew beside the live one, which readers keep.
            view.rebuild_wanted = false;
            view.rebuilding = true;
            int generation = 1;
            while (family(view, generation) == view.live_family)
                ++generation;
            database.drop_unused(view.fold->name(), view.live_family);
            const std::string name = family(view, generation);
            std::shared_ptr<ViewRows> made = database.open(name, log.partitions());
            follow_rows(view, *made, false);
            if (stopping) break;
            database.set_live(view.fold->name(), name);
            std::shared_ptr<ViewRows> old;
            {
                const std::lock_guard lock{mutex};
                old = std::exchange(view.live, made);
                view.live_family = name;
                view.outdated = false;
            }
            database.drop(*old); // Its last reader lets go of it.
            view.rebuilding = false;
        } catch (const std::exception& error) {
            const std::lock_guard lock{mutex};
            view.trouble = std::string{view.fold->name()} + ": " + error.what();
            break;
        }
    }
    tell_waiters(view, *view.live);
}

Views::Views(bus::Log& log, const std::filesystem::path& folder,
             std::vector<std::unique_ptr<ViewFold>> folds, ViewsOptions options)
    : content_{std::make_unique<Content>(log, folder, options)} {
    for (auto& fold : folds) {
        auto view = std::make_unique<Content::View>();
        view->fold = std::move(fold);
        const std::string_view name = view->fold->name();
        view->live_family = content_->database.live(name);
        const std::string of_version =
            std::string{name} + "@" + std::to_string(view->fold->version()) + ".";
        if (view->live_family.empty()) {
            view->live_family = content_->family(*view, 1);
            content_->database.drop_unused(name, {});
            content_->database.set_live(name, view->live_family);
        }
        view->outdated = !view->live_family.starts_with(of_version);
        content_->database.drop_unused(name, view->live_family);
        view->live = content_->database.open(view->live_family, log.partitions());
        content_->views.push_back(std::move(view));
    }
}

Views::~Views() { stop(); }

void Views::start() {
    for (const auto& view : content_->views) {
        for (int partition = 0; partition < content_->log.partitions(); ++partition)
            view->goal.push_back(content_->log.end(bus::Topic::events, partition));
        view->thread = std::thread{[this, &view = *view] { content_->follow(view); }};
    }
}

void Views::stop() {
    content_->stopping = true;
    for (const auto& view : content_->views)
        if (view->thread.joinable()) view->thread.join();
}

std::shared_ptr<const ViewRows> Views::rows(std::string_view view) const {
    const std::lock_guard lock{content_->mutex};
    return content_->of(view).live;
}

void Views::when(std::string_view name, bus::PartitionOffset position, milliseconds wait,
                 std::function<void(bool)> then) {
    Content::View& view = content_->of(name);
    {
        const std::lock_guard lock{content_->mutex};
        if (view.live->position(position.partition) <= position.offset) {
            if (wait.count() > 0 && !content_->stopping && view.trouble.empty()) {
                view.waiters.push_back({position, Clock::now() + wait, std::move(then)});
                content_->hurry.notify_all();
                return;
            }
        } else {
            wait = milliseconds{-1};
        }
    }
    then(wait.count() < 0);
}

void Views::at_rest(std::string_view name, milliseconds wait, std::function<void(bool)> then) {
    Content::View& view = content_->of(name);
    {
        const std::lock_guard lock{content_->mutex};
        if (!content_->stopping && view.trouble.empty()) {
            view.waiters.push_back({std::nullopt, Clock::now() + wait, std::move(then)});
            content_->hurry.notify_all();
            return;
        }
    }
    then(false);
}

bool Views::caught_up() const {
    return std::ranges::all_of(content_->views,
                               [](const auto& view) { return view->caught_up.load(); });
}

std::vector<ViewLag> Views::lag() const {
    std::vector<ViewLag> all;
    for (const auto& view : content_->views) {
        const auto live = rows(view->fold->name());
        for (int partition = 0; partition < content_->log.partitions(); ++partition) {
            ViewLag lag{std::string{view->fold->name()}, partition, 0, 0, view->rebuilding};
            lag.records = std::max<bus::Offset>(
                0, content_->log.end(bus::Topic::events, partition) - live->position(partition));
            if (lag.records > 0)
                lag.milliseconds =
                    std::max<std::int64_t>(0, now_milliseconds() - view->last_event_time);
            all.push_back(std::move(lag));
        }
    }
    return all;
}

std::string Views::trouble() const {
    const std::lock_guard lock{content_->mutex};
    for (const auto& view : content_->views)
        if (!view->trouble.empty()) return view->trouble;
    return {};
}

void Views::rebuild(std::string_view view) { content_->of(view).rebuild_wanted = true; }

bool Views::rebuilding(std::string_view name) const {
    const auto& view = content_->of(name);
    return view.rebuild_wanted || view.rebuilding;
}

} // namespace projections
