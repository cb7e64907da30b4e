#include "gateways/market/event_feed.hpp"

#include "gateways/market/command_routes.hpp"
#include "gateways/market/cursor.hpp"
#include "projections/thread_name.hpp"
#include "schemas/envelope.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <utility>

namespace gateways::market {

using Clock = std::chrono::steady_clock;
using bus::milliseconds;

namespace {

constexpr std::size_t feed_block_bytes = 64 * 1024;
constexpr milliseconds feed_round_wait{50};
constexpr milliseconds view_look_every{2};
constexpr milliseconds pause_after_failure{1000};
constexpr std::size_t owners_kept_max = 100'000;
constexpr std::string_view beginning = "retry: 2000\n";

std::int64_t wall_milliseconds() {
    return std::chrono::duration_cast<milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

std::vector<bus::PartitionOffset> positions_of(const EventPlace& place) {
    std::vector<bus::PartitionOffset> positions;
    for (const bus::Offset offset : place)
        positions.push_back({static_cast<int>(positions.size()), offset});
    return positions;
}

void move_to(EventPlace& place, const std::vector<bus::PartitionOffset>& positions) {
    for (const bus::PartitionOffset& one : positions) {
        auto& offset = place[static_cast<std::size_t>(one.partition)];
        offset = std::max(offset, one.offset);
    }
}

} // namespace

std::string event_place_text(const EventPlace& place) {
    std::string text;
    for (const bus::Offset offset : place)
        text.append(text.empty() ? "" : ".").append(std::to_string(offset));
    return base64(text);
}

std::optional<EventPlace> parse_event_place(std::string_view text, int partitions) {
    const auto plain = from_base64(text);
    if (!plain) return std::nullopt;
    EventPlace place;
    const char* at = plain->data();
    const char* const end = at + plain->size();
    while (true) {
        bus::Offset offset = -1;
        const auto [last, error] = std::from_chars(at, end, offset);
        if (error != std::errc{} || offset < 0) return std::nullopt;
        place.push_back(offset);
        if (last == end) break;
        if (*last != '.') return std::nullopt;
        at = last + 1;
    }
    if (place.size() != static_cast<std::size_t>(partitions)) return std::nullopt;
    return place;
}

// One listener, in the feed's thread.
struct EventFeed::Stream {
    Listener to;
    EventPlace place;                     // What is before it was told, or does not concern it.
    std::unique_ptr<bus::Reader> earlier; // While it is behind the others.
    bool idle = true;                     // All that was said has been written.
    bool over = false;
    std::string said; // Not sent yet.
    Clock::time_point spoke_at = Clock::now();
};

EventFeed::EventFeed(bus::Log& log, const projections::Views& views,
                     const projections::Registry& registry, EventFeedOptions options)
    : log_{log}, views_{views}, registry_{registry}, options_{options} {}

EventFeed::~EventFeed() { stop(); }

void EventFeed::start() {
    thread_ = std::thread{[this] { follow(); }};
}

void EventFeed::stop() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    news_.notify_all();
    if (thread_.joinable()) thread_.join();
}

bool EventFeed::add(Listener listener) {
    const std::lock_guard lock{mutex_};
    const std::string who = listener.who.tenant + '\0' + listener.who.subject;
    const auto has =
        std::ranges::count_if(listening_, [&](const auto& one) { return one.second == who; });
    if (stopping_ || listening_.size() >= options_.listeners_max ||
        static_cast<std::size_t>(has) >= options_.listeners_each_max)
        return false;
    listening_[listener.exchange.number()] = who;
    arrived_.push_back(std::move(listener));
    news_.notify_all();
    return true;
}

void EventFeed::written(http::Exchange exchange) {
    const std::lock_guard lock{mutex_};
    if (listening_.contains(exchange.number())) written_.push_back(exchange.number());
}

void EventFeed::gone(http::Exchange exchange) {
    const std::lock_guard lock{mutex_};
    if (listening_.erase(exchange.number()) > 0) gone_.push_back(exchange.number());
}

std::size_t EventFeed::listeners() const {
    const std::lock_guard lock{mutex_};
    return listening_.size();
}

void EventFeed::follow() {
    projections::name_thread("event feed", 5);
    while (true) {
        {
            std::unique_lock lock{mutex_};
            // Without listeners nothing is read.
            news_.wait(lock, [&] { return stopping_ || !arrived_.empty() || !streams_.empty(); });
            if (stopping_) break;
        }
        try {
            take_news();
            if (!streams_.empty()) tell_live();
            for (const auto& [number, stream] : streams_)
                if (stream->earlier && stream->idle) catch_up(*stream);
            keep_alive();
            send();
        } catch (const std::exception&) {
            // The log or a view failed, and /readyz says why. Clients come again, and go on where
            // they were.
            end_all();
            std::unique_lock lock{mutex_};
            news_.wait_for(lock, pause_after_failure, [&] { return stopping_; });
        }
        if (streams_.empty()) reader_.reset();
    }
    end_all();
}

void EventFeed::take_news() {
    std::vector<std::uint64_t> written, gone;
    std::unique_lock lock{mutex_};
    while (!arrived_.empty()) {
        Listener listener = std::move(arrived_.back());
        arrived_.pop_back();
        lock.unlock();
        begin(std::move(listener));
        lock.lock();
    }
    written.swap(written_);
    gone.swap(gone_);
    lock.unlock();
    for (const std::uint64_t number : written)
        if (const auto found = streams_.find(number); found != streams_.end())
            found->second->idle = true;
    for (const std::uint64_t number : gone)
        streams_.erase(number);
}

void EventFeed::begin(Listener&& listener) {
    // It is told of the beginning first: should the log fail now, it hears an end as all others.
    const std::uint64_t number = listener.exchange.number();
    Stream& stream = *(streams_[number] = std::make_unique<Stream>());
    stream.to = std::move(listener);
    http::write_stream_head(stream.to.reply, http::Status::ok, event_stream_type,
                            std::array<http::Header, 1>{http::Header{"Cache-Control", "no-store"}},
                            stream.said);
    if (!reader_) {
        const auto rows = views_.rows(projections::ResourcesView::view_name);
        live_.assign(static_cast<std::size_t>(log_.partitions()), 0);
        for (std::size_t at = 0; at < live_.size(); ++at)
            live_[at] = rows->position(static_cast<int>(at));
        reader_ = log_.read(bus::Topic::events, positions_of(live_));
    }
    stream.place = stream.to.from.value_or(live_);
    bus::Offset behind = 0;
    bool beyond = false;
    for (std::size_t at = 0; at < live_.size(); ++at) {
        behind += std::max<bus::Offset>(0, live_[at] - stream.place[at]);
        // The others may not be there yet, but the log is, or it is another log.
        beyond = beyond || stream.place[at] > log_.end(bus::Topic::events, static_cast<int>(at));
    }
    stream.said.append(beginning);
    if (beyond || behind > options_.replayed_max) {
        stream.place = live_;
        stream.said.append("event: reset\ndata: {}\n");
    } else if (behind > 0) {
        stream.earlier = log_.read(bus::Topic::events, positions_of(stream.place));
    }
    stream.said.append("id: ").append(event_place_text(stream.place)).append("\n\n");
}

void EventFeed::tell_live() {
    const bool others_wait = std::ranges::any_of(streams_, [](const auto& one) {
        return (one.second->earlier && one.second->idle) || !one.second->said.empty();
    });
    const auto records =
        reader_->read(feed_block_bytes, others_wait ? milliseconds{0} : feed_round_wait);
    const auto end = reader_->position();
    if (!records.empty()) await_view(end);
    schemas::EnvelopeReader envelopes;
    for (const bus::Record& record : records) {
        live_[static_cast<std::size_t>(record.partition)] = record.offset + 1;
        const auto event = envelopes.event(record.value);
        if (!event) continue; // The view stands still at it, and says so.
        for (const auto& [number, stream] : streams_)
            if (!stream->earlier) tell(*stream, *event, record);
    }
    move_to(live_, end);
    for (const auto& [number, stream] : streams_)
        if (!stream->earlier) move_to(stream->place, end);
}

// A block of what it missed. Once it is where the others are, it goes on with them.
void EventFeed::catch_up(Stream& stream) {
    const auto records = stream.earlier->read(feed_block_bytes, milliseconds{0});
    const auto end = stream.earlier->position();
    await_view(end);
    schemas::EnvelopeReader envelopes;
    for (const bus::Record& record : records)
        if (const auto event = envelopes.event(record.value)) tell(stream, *event, record);
    move_to(stream.place, end);
    if (std::ranges::equal(stream.place, live_, std::ranges::greater_equal{}))
        stream.earlier.reset();
}

void EventFeed::tell(Stream& stream, const schemas::EventView& event, const bus::Record& record) {
    auto& next = stream.place[static_cast<std::size_t>(record.partition)];
    if (record.offset < next) return; // Heard while it was catching up.
    next = record.offset + 1;
    if (stream.over || !concerns(stream, event)) return;
    stream.said.append("id: ").append(event_place_text(stream.place));
    stream.said.append("\nevent: ").append(event.type);
    // One line: JSON has no line ends outside of texts, and escapes them inside.
    stream.said.append("\ndata: ").append(record.value).append("\n\n");
}

// What is the tenant's for those who read all of it, and one's own for the others; of kinds that
// their roles may read. Refusals are for whoever asked.
bool EventFeed::concerns(const Stream& stream, const schemas::EventView& event) {
    const token::Principal& who = stream.to.who;
    if (event.sequence == 0 || event.tenant != who.tenant) return false;
    const ResourceRoute* const route =
        aggregate_route(event.stream.substr(0, event.stream.find('-')));
    if (route == nullptr) return false;
    if (who.has(reads_all)) return who.has(route->all);
    if (!who.has(route->all | route->own)) return false;
    auto owner = owners_.find(event.stream);
    if (owner == owners_.end()) {
        const auto rows = views_.rows(projections::ResourcesView::view_name);
        const auto row = projections::Resources{*rows, registry_}.row(event.stream);
        if (!row || row->state->owner().empty()) return false;
        if (owners_.size() >= owners_kept_max) owners_.clear();
        owner = owners_.emplace(event.stream, row->state->owner()).first;
    }
    return owner->second == who.subject;
}

void EventFeed::await_view(const std::vector<bus::PartitionOffset>& place) const {
    const auto until = Clock::now() + projections::view_wait_max;
    const auto behind = [&] {
        const auto rows = views_.rows(projections::ResourcesView::view_name);
        return std::ranges::any_of(place, [&](const bus::PartitionOffset& one) {
            return rows->position(one.partition) < one.offset;
        });
    };
    while (behind()) {
        if (Clock::now() > until) throw std::runtime_error{"the view is behind"};
        std::this_thread::sleep_for(view_look_every);
    }
}

// A comment now and then finds clients that have gone, and keeps proxies from closing. It has the
// place along, so that who hears nothing for long does not fall behind.
void EventFeed::keep_alive() {
    const auto now = Clock::now();
    const std::int64_t wall = wall_milliseconds();
    for (const auto& [number, stream] : streams_) {
        if (stream->to.who.expires.milliseconds <= wall) stream->over = true;
        if (now - stream->spoke_at < options_.heartbeat || !stream->said.empty()) continue;
        stream->said.append(":\nid: ").append(event_place_text(stream->place)).append("\n\n");
    }
}

void EventFeed::send() {
    std::vector<http::Answer> answers;
    for (const auto& [number, stream] : streams_) {
        if (stream->said.empty() && !stream->over) continue;
        stream->spoke_at = Clock::now();
        stream->idle = false;
        if (!stream->said.empty())
            answers.push_back({stream->to.exchange, std::exchange(stream->said, {}), true});
        if (stream->over) answers.push_back({stream->to.exchange, {}, false});
    }
    std::erase_if(streams_, [](const auto& one) { return one.second->over; });
    if (!answers.empty()) server_->answer(std::move(answers));
}

void EventFeed::end_all() {
    std::vector<http::Answer> answers;
    for (const auto& [number, stream] : streams_) {
        if (!stream->said.empty())
            answers.push_back({stream->to.exchange, std::move(stream->said), true});
        answers.push_back({stream->to.exchange, {}, false});
    }
    streams_.clear();
    reader_.reset();
    {
        const std::lock_guard lock{mutex_};
        for (const Listener& listener : arrived_) {
            http::Answer& answer = answers.emplace_back();
            answer.exchange = listener.exchange;
            http::write_problem(listener.reply,
                                {.status = http::Status::service_unavailable,
                                 .code = "unavailable",
                                 .retryable = true,
                                 .retry_after = std::chrono::seconds{1}},
                                answer.bytes);
            listening_.erase(listener.exchange.number());
        }
        arrived_.clear();
    }
    if (!answers.empty()) server_->answer(std::move(answers));
}

} // namespace gateways::market
