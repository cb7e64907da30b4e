#include "gateways/market/reads.hpp"

#include "schemas/messages.hpp"

#include <boost/describe/enum_to_string.hpp>

#include <charconv>
#include <sodium.h>

namespace gateways::market {

namespace {

constexpr std::string_view stream_prefix = "payment-";

std::string base64(std::string_view bytes) {
    std::string text(
        sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
    sodium_bin2base64(text.data(), text.size(),
                      reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    text.resize(text.size() - 1);
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    std::string bytes(text.size(), '\0');
    std::size_t size = 0;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                          text.size(), nullptr, &size, nullptr,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return std::nullopt;
    bytes.resize(size);
    return bytes;
}

// A cursor belongs to the list it came from.
std::string list_name(const Reader& reader, const Reads::ListQuery& query) {
    std::string name = reader.tenant;
    for (const auto& part : {reader.payer, query.payer, query.status})
        name.append(1, '\0').append(part ? "=" + *part : "");
    unsigned char hash[8];
    static_assert(sizeof hash < crypto_generichash_BYTES_MIN, "the first bytes are enough");
    unsigned char whole[crypto_generichash_BYTES_MIN];
    crypto_generichash(whole, sizeof whole, reinterpret_cast<const unsigned char*>(name.data()),
                       name.size(), nullptr, 0);
    return {reinterpret_cast<const char*>(whole), sizeof hash};
}

bool may_read(const Reader& reader, const projections::PaymentRow& row) {
    return row.tenant == reader.tenant &&
           (!reader.payer || row.payment.payer.value == *reader.payer);
}

std::string json_of(std::string_view id, const projections::PaymentRow& row, int partitions) {
    std::string state;
    schemas::write(row.payment, state);
    const int partition =
        bus::partition_of(std::string{stream_prefix} + std::string{id}, partitions);
    return resource_json(id, row.version, {partition, row.events.back()}, row.created, row.updated,
                         state);
}

} // namespace

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

Reads::Reads(bus::Log& log, projections::Views& views, std::size_t waiting_max)
    : log_{log}, views_{views}, waiting_max_{waiting_max}, thread_{[this] {
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
    views_.when("payments", position, wait,
                [this, read = std::move(read), late = std::move(late)](bool there) {
                    if (!there || !run(read)) late();
                });
    return true;
}

std::optional<Resource> Reads::payment(const Reader& reader, std::string_view id) const {
    const auto row = projections::payment_row(*views_.rows("payments"), id);
    if (!row || !may_read(reader, *row)) return std::nullopt;
    return Resource{json_of(id, *row, log_.partitions()), row->version};
}

std::optional<Resource> Reads::payment_then(std::string_view tenant, std::string_view id,
                                            std::uint64_t version) const {
    auto row = projections::payment_row(*views_.rows("payments"), id);
    if (!row || row->tenant != tenant || row->events.size() < version) return std::nullopt;
    row->events.resize(version);
    row->payment = {};
    const bus::PartitionOffset position{partition_of(id), row->events.back()};
    schemas::EnvelopeReader reader;
    for (const std::string& record :
         log_.fetch(bus::Topic::events, position.partition, row->events)) {
        const auto event = reader.event(record).value();
        if (const auto change = schemas::read_data<domain::PaymentEvent>(event.type, event.data,
                                                                         schemas::Unknown::skip))
            row->payment = evolve(std::move(row->payment), *change);
        row->updated = event.time;
    }
    std::string state;
    schemas::write(row->payment, state);
    return Resource{resource_json(id, version, position, row->created, row->updated, state),
                    version};
}

std::optional<bus::PartitionOffset> Reads::payment_position(std::string_view id,
                                                            std::uint64_t version) const {
    const auto row = projections::payment_row(*views_.rows("payments"), id);
    if (!row || version == 0 || row->events.size() < version) return std::nullopt;
    return bus::PartitionOffset{partition_of(id), row->events[version - 1]};
}

int Reads::partition_of(std::string_view id) const {
    return bus::partition_of(std::string{stream_prefix}.append(id), log_.partitions());
}

std::optional<std::string> Reads::payment_events(const Reader& reader, std::string_view id) const {
    const auto row = projections::payment_row(*views_.rows("payments"), id);
    if (!row || !may_read(reader, *row)) return std::nullopt;
    const int partition = partition_of(id);
    std::string body = R"({"data":[)";
    for (const std::string& record : log_.fetch(bus::Topic::events, partition, row->events)) {
        if (body.back() == '}') body.push_back(',');
        body.append(record);
    }
    body.append("]}");
    return body;
}

std::optional<std::string> Reads::payments(const Reader& reader, const ListQuery& query) const {
    const std::string name = list_name(reader, query);
    std::string place;
    if (!query.cursor.empty()) {
        const auto bytes = from_base64(query.cursor);
        if (!bytes || !bytes->starts_with(name)) return std::nullopt;
        place = bytes->substr(name.size());
    }
    const auto& payer = reader.payer ? reader.payer : query.payer;
    const auto wanted = [&](const projections::PaymentRow& row) {
        return !query.status ||
               *query.status == boost::describe::enum_to_string(row.payment.status, "");
    };
    std::string next;
    const auto listed = projections::list_payments(*views_.rows("payments"), reader.tenant, payer,
                                                   place, query.limit, wanted, next);
    std::string body = R"({"data":[)";
    for (const auto& one : listed) {
        if (body.back() == '}') body.push_back(',');
        body.append(json_of(one.id, one.row, log_.partitions()));
    }
    body.append("]");
    if (!next.empty()) {
        body.append(R"(,"next_cursor":)");
        schemas::write(base64(name + next), body);
    }
    body.append(R"(,"has_more":)").append(next.empty() ? "false}" : "true}");
    return body;
}

} // namespace gateways::market
