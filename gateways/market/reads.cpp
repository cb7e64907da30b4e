#include "gateways/market/reads.hpp"

#include "gateways/market/cursor.hpp"
#include "schemas/codec.hpp"

#include <charconv>

namespace gateways::market {

namespace {

constexpr std::string_view view = projections::ResourcesView::view_name;

std::string list_name(const Reader& reader, const Reads::ListQuery& query) {
    std::string name = query.aggregate + '\0' + reader.tenant;
    for (const auto& part : {reader.owner, query.owner, query.status})
        name.append(1, '\0').append(part ? "=" + *part : "");
    return name;
}

std::string_view id_of(std::string_view stream) { return stream.substr(stream.find('-') + 1); }

} // namespace

bool may_read(const Reader& reader, const projections::ResourceRow& row) {
    return row.head.tenant == reader.tenant &&
           (!reader.owner || row.state->owner() == *reader.owner);
}

std::string position_text(bus::PartitionOffset position) {
    return std::to_string(position.partition) + ":" + std::to_string(position.offset);
}

std::optional<bus::PartitionOffset> parse_position(std::string_view text, int partitions) {
    bus::PartitionOffset position;
    const char* const end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, position.partition);
    if (first.ec != std::errc{} || first.ptr == end || *first.ptr != ':') return std::nullopt;
    const auto second = std::from_chars(first.ptr + 1, end, position.offset);
    if (second.ec != std::errc{} || second.ptr != end || position.partition < 0 ||
        position.partition >= partitions || position.offset < 0)
        return std::nullopt;
    return position;
}

std::string resource_json(std::string_view id, std::uint64_t version, bus::PartitionOffset position,
                          domain::Time created, domain::Time updated, std::string_view state) {
    std::string json;
    json.reserve(state.size() + 200);
    json.append(R"({"id":)");
    schemas::write(std::string{id}, json);
    json.append(R"(,"version":)").append(std::to_string(version));
    json.append(R"(,"position":")").append(position_text(position));
    json.append(R"(","created":)");
    schemas::write(created, json);
    json.append(R"(,"updated":)");
    schemas::write(updated, json);
    if (state.size() > 2)
        json.append(",").append(state.substr(1));
    else
        json.append("}");
    return json;
}

Reads::Reads(bus::Log& log, projections::Views& views, const projections::Registry& registry,
             std::size_t waiting_max)
    : log_{log}, views_{views}, registry_{registry}, waiting_max_{waiting_max}, thread_{[this] {
          std::unique_lock lock{mutex_};
          while (true) {
              wanted_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
              if (waiting_.empty()) return;
              const auto read = std::move(waiting_.front());
              waiting_.pop_front();
              lock.unlock();
              read();
              lock.lock();
          }
      }} {}

Reads::~Reads() { stop(); }

void Reads::stop() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    wanted_.notify_all();
    if (thread_.joinable()) thread_.join();
}

bool Reads::run(std::function<void()> read) {
    {
        const std::lock_guard lock{mutex_};
        if (stopping_ || waiting_.size() >= waiting_max_) return false;
        waiting_.push_back(std::move(read));
    }
    wanted_.notify_one();
    return true;
}

bool Reads::run_at(bus::PartitionOffset position, bus::milliseconds wait,
                   std::function<void()> read, std::function<void()> late) {
    views_.when(view, position, wait,
                [this, read = std::move(read), late = std::move(late)](bool there) {
                    if (!there || !run(read)) late();
                });
    return true;
}

struct Reads::Freshness {
    std::vector<bus::Offset> ends;
    bus::milliseconds wait;
    std::function<void()> read, late;
};

bool Reads::run_fresh(bus::milliseconds wait, std::function<void()> read,
                      std::function<void()> late) {
    const auto asked = std::make_shared<Freshness>();
    asked->wait = wait;
    asked->read = std::move(read);
    asked->late = std::move(late);
    // Asking for the ends may have to ask a broker.
    return run([this, asked] {
        try {
            for (int partition = 0; partition < log_.partitions(); ++partition)
                asked->ends.push_back(log_.end(bus::Topic::events, partition));
        } catch (const std::exception&) {
            return asked->late();
        }
        await_fresh(asked, 0);
    });
}

// One partition after the other, from `partition` on.
void Reads::await_fresh(std::shared_ptr<Freshness> asked, int partition) {
    const auto behind = [&](int at) {
        return views_.rows(view)->position(at) < asked->ends[static_cast<std::size_t>(at)];
    };
    while (partition < log_.partitions() && !behind(partition))
        ++partition;
    if (partition == log_.partitions()) {
        if (!run(asked->read)) asked->late();
        return;
    }
    const bus::PartitionOffset last{partition,
                                    asked->ends[static_cast<std::size_t>(partition)] - 1};
    views_.when(view, last, asked->wait, [this, asked, partition](bool there) {
        if (there)
            await_fresh(asked, partition + 1);
        else
            asked->late();
    });
}

std::string Reads::json_of(std::string_view stream, const projections::ResourceRow& row) const {
    std::string state;
    row.state->write(state);
    return resource_json(id_of(stream), row.head.version,
                         {bus::partition_of(stream, log_.partitions()), row.head.events.back()},
                         row.head.created, row.head.updated, state);
}

std::optional<Resource> Reads::one(const Reader& reader, std::string_view stream) const {
    const auto rows = views_.rows(view);
    const auto row = projections::Resources{*rows, registry_}.row(stream);
    if (!row || !may_read(reader, *row)) return std::nullopt;
    return Resource{json_of(stream, *row), row->head.version};
}

std::optional<Resource> Reads::then(std::string_view tenant, std::string_view stream,
                                    std::uint64_t version) const {
    const auto rows = views_.rows(view);
    const projections::Resources resources{*rows, registry_};
    auto row = resources.row(stream);
    if (!row || row->head.tenant != tenant || row->head.version < version) return std::nullopt;
    const auto offsets = resources.events(stream, row->head, version);
    const bus::PartitionOffset position{bus::partition_of(stream, log_.partitions()),
                                        offsets.back()};
    const auto state = registry_.of_stream(stream)->fresh();
    schemas::EnvelopeReader reader;
    for (const std::string& record : log_.fetch(bus::Topic::events, position.partition, offsets)) {
        const auto event = reader.event(record).value();
        (void)state->evolve(event.type, event.data);
        row->head.updated = event.time;
    }
    std::string text;
    state->write(text);
    return Resource{
        resource_json(id_of(stream), version, position, row->head.created, row->head.updated, text),
        version};
}

std::optional<bus::PartitionOffset> Reads::position(std::string_view stream,
                                                    std::uint64_t version) const {
    const auto rows = views_.rows(view);
    const projections::Resources resources{*rows, registry_};
    const auto row = resources.row(stream);
    if (!row || version == 0 || row->head.version < version) return std::nullopt;
    return bus::PartitionOffset{bus::partition_of(stream, log_.partitions()),
                                resources.events(stream, row->head, version).back()};
}

std::optional<std::string> Reads::events(const Reader& reader, std::string_view stream) const {
    const auto rows = views_.rows(view);
    const projections::Resources resources{*rows, registry_};
    const auto row = resources.row(stream);
    if (!row || !may_read(reader, *row)) return std::nullopt;
    std::string body = R"({"data":[)";
    for (const std::string& record :
         log_.fetch(bus::Topic::events, bus::partition_of(stream, log_.partitions()),
                    resources.events(stream, row->head, row->head.version))) {
        if (body.back() == '}') body.push_back(',');
        body.append(record);
    }
    body.append("]}");
    return body;
}

std::optional<std::string> Reads::list(const Reader& reader, const ListQuery& query) const {
    const std::string name = list_name(reader, query);
    std::string place;
    if (!query.cursor.empty()) {
        auto found = place_of(name, query.cursor);
        if (!found) return std::nullopt;
        place = std::move(*found);
    }
    const auto& owner = reader.owner ? reader.owner : query.owner;
    const auto wanted = [&](const projections::ResourceRow& row) {
        return !query.status || *query.status == row.state->status();
    };
    const auto rows = views_.rows(view);
    std::string next;
    const auto listed = projections::Resources{*rows, registry_}.list(
        query.aggregate, reader.tenant, owner, place, query.limit, wanted, next);
    std::string body = R"({"data":[)";
    for (const auto& one : listed) {
        if (body.back() == '}') body.push_back(',');
        body.append(json_of(query.aggregate + "-" + one.id, one.row));
    }
    body.append("]");
    if (!next.empty()) {
        body.append(R"(,"next_cursor":)");
        schemas::write(cursor_of(name, next), body);
    }
    body.append(R"(,"has_more":)").append(next.empty() ? "false}" : "true}");
    return body;
}

} // namespace gateways::market
