// GET /v1/events: what happens, as it happens, to those who listen. One thread follows the log for
// all of them, and tells of an event when the view of resources contains it: who heard of
// something can read it. A listener that reads too slowly is dropped by the server, alone.

#pragma once

#include "bus/bus.hpp"
#include "gateways/http/server.hpp"
#include "gateways/token/principal.hpp"
#include "projections/resources_view.hpp"

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace gateways::market {

inline constexpr std::string_view event_stream_type = "text/event-stream";

// Where a listener stands: the next offset of each partition.
using EventPlace = std::vector<bus::Offset>;
// As an id of the stream: opaque to clients.
std::string event_place_text(const EventPlace& place);
std::optional<EventPlace> parse_event_place(std::string_view text, int partitions);

struct Listener {
    http::Exchange exchange;
    http::Reply reply;
    token::Principal who;
    std::optional<EventPlace> from; // After what it has heard; absent: from now on.
};

struct EventFeedOptions {
    std::size_t listeners_max = 1000;
    std::size_t listeners_each_max = 8; // Of one subject.
    // Who is further behind is told to begin anew ("event: reset").
    bus::Offset replayed_max = 100'000;
    std::chrono::milliseconds heartbeat{15'000};
};

class EventFeed {
public:
    // All outlive the object. `views` has the view of resources.
    EventFeed(bus::Log& log, const projections::Views& views, const projections::Registry& registry,
              EventFeedOptions options = {});
    ~EventFeed();

    // Before start().
    void connect(http::Server& server) { server_ = &server; }
    void start();
    void stop();

    // Any thread. False: too many listen.
    bool add(Listener listener);
    void written(http::Exchange exchange);
    void gone(http::Exchange exchange);

    std::size_t listeners() const;

private:
    struct Stream;

    void follow();
    void take_news();
    void begin(Listener&& listener);
    void tell_live();
    void catch_up(Stream& stream);
    void tell(Stream& stream, const schemas::EventView& event, const bus::Record& record);
    bool concerns(const Stream& stream, const schemas::EventView& event);
    void await_view(const std::vector<bus::PartitionOffset>& place) const;
    void keep_alive();
    void send();
    void end_all();

    bus::Log& log_;
    const projections::Views& views_;
    const projections::Registry& registry_;
    const EventFeedOptions options_;
    http::Server* server_ = nullptr;
    std::thread thread_;

    mutable std::mutex mutex_;
    std::condition_variable news_;
    bool stopping_ = false;
    std::map<std::uint64_t, std::string> listening_; // Who, of each open exchange.
    std::vector<Listener> arrived_;
    std::vector<std::uint64_t> written_, gone_; // Exchanges.

    // The rest is the thread's own.
    std::map<std::uint64_t, std::unique_ptr<Stream>> streams_;
    std::unique_ptr<bus::Reader> reader_; // While somebody listens.
    EventPlace live_;
    std::map<std::string, std::string, std::less<>> owners_; // By stream.
};

} // namespace gateways::market
