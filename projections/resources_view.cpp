#include "projections/resources_view.hpp"

#include "projections/fold.hpp"

namespace projections {

namespace {

constexpr std::uint64_t form = 2; // Of keys and rows; another one for another form.
constexpr std::size_t time_digits = 16;
// A row is written again with each event, so it must not grow with all of them.
constexpr std::size_t events_kept_max = 128;
// A list looks at no more rows than this for one page; what it has not seen is on the next.
constexpr std::size_t rows_looked_at_max = 10'000;

std::string row_key(std::string_view stream) { return "r" + std::string{stream}; }

// Of the `chunk`th 128 events of a stream.
std::string events_key(std::string_view stream, std::uint64_t chunk) {
    return "e" + std::string{stream} + '\0' + std::to_string(chunk);
}

std::string packed_offsets(const std::vector<std::int64_t>& offsets) {
    std::string out;
    schemas::pack(offsets, out);
    return out;
}

// Lengths stand before the texts, so that no tenant's name can reach into another's rows.
void append_text(std::string& key, std::string_view text) {
    key.push_back(static_cast<char>(text.size() >> 8));
    key.push_back(static_cast<char>(text.size() & 0xff));
    key.append(text);
}

std::string list_prefix(std::string_view aggregate, std::string_view tenant,
                        const std::optional<std::string>& owner) {
    std::string key = owner ? "b" : "a";
    append_text(key, tenant);
    append_text(key, aggregate);
    if (owner) append_text(key, *owner);
    return key;
}

// Newest first: the time counted down, in 16 digits, then the id.
std::string list_key(std::string prefix, domain::Time created, std::string_view id) {
    constexpr std::int64_t beyond = 9'999'999'999'999'999;
    const std::string digits = std::to_string(beyond - created.milliseconds);
    prefix.append(time_digits - digits.size(), '0').append(digits).append(id);
    return prefix;
}

ResourceRow read_row(std::string_view text, const AnyAggregate& aggregate) {
    ResourceRow row;
    schemas::Packed in{text};
    schemas::unpack(in, row.head);
    row.state = aggregate.unpack(in.rest());
    return row;
}

} // namespace

std::uint64_t ResourcesView::version() const {
    return registry_.layout() * 31 + schemas::packed_layout<ResourceHead>() + form;
}

void ResourcesView::apply(const schemas::EventView& event, const bus::Record& record,
                          ViewRows& rows) const {
    const AnyAggregate* aggregate = registry_.of_stream(event.stream);
    if (aggregate == nullptr || event.sequence == 0) return;
    const std::string key = row_key(event.stream);
    ResourceRow row;
    // Nothing can be known of a new one; if a crash left its row ahead, it is made again.
    if (event.sequence > 1)
        if (const auto stored = rows.get_for_change(key)) row = read_row(*stored, *aggregate);
    if (!row.state) row.state = aggregate->fresh();
    ResourceHead& head = row.head;
    if (!head.events.empty() && record.offset <= head.events.back()) return;
    if (event.sequence != head.version + 1)
        throw BrokenLog{"events/" + std::to_string(record.partition) + "/" +
                        std::to_string(record.offset) + ": " + std::string{event.stream} + " has " +
                        std::to_string(head.version) + " events, and this one says it is " +
                        std::to_string(event.sequence)};
    // One that cannot be read changes nothing but the version: its neighbours go on.
    (void)row.state->evolve(event.type, event.data);
    if (head.version > 0 && head.version % events_kept_max == 0) {
        rows.put(events_key(event.stream, head.version / events_kept_max - 1),
                 packed_offsets(head.events));
        head.events.clear();
    }
    head.version = event.sequence;
    head.updated = event.time;
    head.events.push_back(record.offset);
    if (event.sequence == 1) {
        head.tenant = event.tenant;
        head.created = event.time;
        const std::string_view id = event.stream.substr(aggregate->name().size() + 1);
        const auto list = [&](const std::optional<std::string>& owner) {
            rows.put_listed(
                list_key(list_prefix(aggregate->name(), head.tenant, owner), head.created, id), {});
        };
        list(std::nullopt);
        if (const auto owner = row.state->owner(); !owner.empty()) list(std::string{owner});
    }
    std::string text;
    schemas::pack(head, text);
    row.state->pack(text);
    rows.put(key, std::move(text));
    if (changed_) changed_(event.stream);
}

std::optional<ResourceRow> Resources::row(std::string_view stream) const {
    const AnyAggregate* aggregate = registry_.of_stream(stream);
    if (aggregate == nullptr) return std::nullopt;
    const auto stored = rows_.get(row_key(stream));
    if (!stored) return std::nullopt;
    return read_row(*stored, *aggregate);
}

std::vector<std::int64_t> Resources::events(std::string_view stream, const ResourceHead& head,
                                            std::uint64_t count) const {
    std::vector<std::int64_t> all;
    const std::uint64_t moved_out = head.version - head.events.size();
    for (std::uint64_t chunk = 0; chunk * events_kept_max < std::min(moved_out, count); ++chunk) {
        const auto stored = rows_.get(events_key(stream, chunk));
        if (!stored) throw std::runtime_error{"where older events are is not known"};
        std::vector<std::int64_t> some;
        schemas::Packed in{*stored};
        schemas::unpack(in, some);
        all.insert(all.end(), some.begin(), some.end());
    }
    all.insert(all.end(), head.events.begin(), head.events.end());
    all.resize(std::min<std::size_t>(all.size(), count));
    return all;
}

std::vector<std::string> Resources::tenants() const {
    std::vector<std::string> all;
    const std::string lists = "a";
    std::string from = lists;
    while (true) {
        std::string tenant;
        bool found = false;
        rows_.scan(lists, from, false, [&](std::string_view key, std::string_view) {
            const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(key[at]); };
            tenant = key.substr(3, static_cast<std::size_t>(byte(1)) << 8 | byte(2));
            found = true;
            return false;
        });
        if (!found) return all;
        from = lists;
        append_text(from, tenant);
        from.push_back('\xff'); // Behind all of this tenant's: an aggregate's name is short.
        all.push_back(std::move(tenant));
    }
}

std::vector<Resources::Listed>
Resources::list(std::string_view aggregate, std::string_view tenant,
                const std::optional<std::string>& owner, std::string_view place, std::size_t limit,
                const std::function<bool(const ResourceRow&)>& wanted, std::string& next) const {
    const std::string prefix = list_prefix(aggregate, tenant, owner);
    std::vector<Listed> listed;
    next = place;
    for (std::size_t looked_at = 0; looked_at < rows_looked_at_max;) {
        std::vector<std::string> places;
        rows_.scan(prefix, prefix + next, !next.empty(),
                   [&](std::string_view key, std::string_view) {
                       places.emplace_back(key.substr(prefix.size()));
                       return places.size() <= limit;
                   });
        for (const std::string& at : places) {
            ++looked_at;
            std::string id = at.substr(time_digits);
            auto found = row(std::string{aggregate} + "-" + id);
            if (found && wanted(*found)) {
                if (listed.size() == limit) return listed;
                listed.push_back({std::move(id), std::move(*found)});
            }
            next = at;
        }
        if (places.size() <= limit) {
            next.clear();
            return listed;
        }
    }
    return listed;
}

} // namespace projections
