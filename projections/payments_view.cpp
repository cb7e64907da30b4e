#include "projections/payments_view.hpp"

#include "projections/fold.hpp"
#include "schemas/messages.hpp"

namespace projections {

namespace {

constexpr std::size_t time_digits = 16;
constexpr std::string_view stream_prefix = "payment-";
// A list looks at no more rows than this for one page; what it has not seen is on the next.
constexpr std::size_t rows_looked_at_max = 10'000;

std::string row_key(std::string_view id) { return "p" + std::string{id}; }

// Lengths stand before the texts, so that no tenant's name can reach into another's rows.
void append_text(std::string& key, std::string_view text) {
    key.push_back(static_cast<char>(text.size() >> 8));
    key.push_back(static_cast<char>(text.size() & 0xff));
    key.append(text);
}

std::string list_prefix(std::string_view tenant, const std::optional<std::string>& payer) {
    std::string key = payer ? "b" : "a";
    append_text(key, tenant);
    if (payer) append_text(key, *payer);
    return key;
}

// Newest first: the time counted down, in 16 digits, then the id.
std::string list_key(std::string_view tenant, const std::optional<std::string>& payer,
                     domain::Time created, std::string_view id) {
    constexpr std::int64_t beyond = 9'999'999'999'999'999;
    std::string digits = std::to_string(beyond - created.milliseconds);
    std::string key = list_prefix(tenant, payer);
    key.append(time_digits - digits.size(), '0').append(digits).append(id);
    return key;
}

PaymentRow read_row(std::string_view text) {
    PaymentRow row;
    schemas::Packed in{text};
    schemas::unpack(in, row);
    return row;
}

} // namespace

std::uint64_t PaymentsView::version() const { return schemas::packed_layout<PaymentRow>(); }

void PaymentsView::apply(const schemas::EventView& event, const bus::Record& record,
                         ViewRows& rows) const {
    if (!event.stream.starts_with(stream_prefix) || event.sequence == 0) return;
    const std::string_view id = event.stream.substr(stream_prefix.size());
    const std::string key = row_key(id);
    PaymentRow row;
    // Nothing can be known of a new one; if a crash left its row ahead, it is made again.
    if (event.sequence > 1)
        if (const auto stored = rows.get_for_change(key)) row = read_row(*stored);
    if (!row.events.empty() && record.offset <= row.events.back()) return;
    if (event.sequence != row.version + 1)
        throw BrokenLog{"events/" + std::to_string(record.partition) + "/" +
                        std::to_string(record.offset) + ": " + std::string{event.stream} + " has " +
                        std::to_string(row.version) + " events, and this one says it is " +
                        std::to_string(event.sequence)};
    // One that cannot be read changes nothing but the version: its neighbours go on.
    if (const auto happened = schemas::read_data<domain::PaymentEvent>(event.type, event.data,
                                                                       schemas::Unknown::skip))
        change(row.payment, *happened);
    row.version = event.sequence;
    row.updated = event.time;
    row.events.push_back(record.offset);
    if (event.sequence == 1) {
        row.tenant = event.tenant;
        row.created = event.time;
        rows.put_listed(list_key(row.tenant, std::nullopt, row.created, id), {});
        rows.put_listed(list_key(row.tenant, row.payment.payer.value, row.created, id), {});
    }
    std::string text;
    schemas::pack(row, text);
    rows.put(key, std::move(text));
}

std::optional<PaymentRow> payment_row(const ViewRows& rows, std::string_view id) {
    const auto stored = rows.get(row_key(id));
    if (!stored) return std::nullopt;
    return read_row(*stored);
}

std::vector<ListedPayment> list_payments(const ViewRows& rows, std::string_view tenant,
                                         const std::optional<std::string>& payer,
                                         std::string_view place, std::size_t limit,
                                         const std::function<bool(const PaymentRow&)>& wanted,
                                         std::string& next) {
    const std::string prefix = list_prefix(tenant, payer);
    std::vector<ListedPayment> listed;
    next = place;
    for (std::size_t looked_at = 0; looked_at < rows_looked_at_max;) {
        std::vector<std::string> places;
        rows.scan(prefix, prefix + next, !next.empty(),
                  [&](std::string_view key, std::string_view) {
                      places.emplace_back(key.substr(prefix.size()));
                      return places.size() <= limit;
                  });
        for (const std::string& at : places) {
            ++looked_at;
            ListedPayment one{at.substr(time_digits), {}};
            auto row = payment_row(rows, one.id);
            if (row && wanted(*row)) {
                if (listed.size() == limit) return listed;
                one.row = std::move(*row);
                listed.push_back(std::move(one));
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
