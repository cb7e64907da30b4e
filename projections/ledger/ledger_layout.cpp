#include "projections/ledger/ledger_layout.hpp"

#include "domain/contract.hpp"
#include "schemas/packed.hpp"

namespace projections::ledger {

namespace {

// Raised when the rules change what rows mean, though they look alike.
constexpr std::uint64_t rules = 1;

void append_number(std::uint64_t number, int bytes, std::string& out) {
    for (int at = bytes - 1; at >= 0; --at)
        out.push_back(static_cast<char>(number >> (8 * at) & 0xff));
}

std::uint64_t number_of(std::string_view bytes) {
    std::uint64_t number = 0;
    for (const char byte : bytes)
        number = number << 8 | static_cast<unsigned char>(byte);
    return number;
}

// So that times before 1970 come first, too.
constexpr std::uint64_t sign = std::uint64_t{1} << 63;

char letter(FactKind kind) {
    switch (kind) {
    case FactKind::deployment: return 'd';
    case FactKind::contract: return 'c';
    case FactKind::period: return 'p';
    }
    return '?';
}

} // namespace

domain::Int128 sum_of(const BalanceRow& row) {
    return domain::Int128{row.high} * (domain::Int128{1} << 64) + domain::Int128{row.low};
}

void set_sum(BalanceRow& row, domain::Int128 sum) {
    row.low = static_cast<std::uint64_t>(sum);
    row.high = static_cast<std::int64_t>((sum - domain::Int128{row.low}) >> 64);
}

Key& Key::name(std::string_view text) {
    domain::expects(text.size() <= 0xffff, "names in keys are below 64 KiB");
    append_number(text.size(), 2, text_);
    text_.append(text);
    return *this;
}

Key& Key::time(domain::Time time) {
    append_number(static_cast<std::uint64_t>(time.milliseconds) ^ sign, 8, text_);
    return *this;
}

Key& Key::number(std::uint16_t number) {
    append_number(number, 2, text_);
    return *this;
}

std::string_view KeyReader::take(std::size_t size) {
    domain::expects(size <= rest_.size(), "a key of the ledger is whole");
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
}

std::string_view KeyReader::name() { return take(number_of(take(2))); }

domain::Time KeyReader::time() { return {static_cast<std::int64_t>(number_of(take(8)) ^ sign)}; }

std::uint16_t KeyReader::number() { return static_cast<std::uint16_t>(number_of(take(2))); }

std::string stream_key(std::string_view stream) {
    return Key{known_rows}.rest("s").rest(stream).text();
}

std::string fact_key(FactKind kind, std::string_view id) {
    const char name = letter(kind);
    return Key{known_rows}.rest({&name, 1}).rest(id).text();
}

std::string waiting_prefix(FactKind kind, std::string_view id) {
    const char name = letter(kind);
    return Key{waiting_rows}.rest({&name, 1}).name(id).text();
}

std::string account_key(char rows, std::string_view tenant, std::string_view book,
                        std::string_view account, domain::Currency currency, int partition) {
    const char currency_letter = static_cast<char>('0' + static_cast<int>(currency));
    // The account stands without its length, so that accounts are found by how they begin.
    return Key{rows}
        .name(tenant)
        .name(book)
        .rest(account)
        .rest({"\0", 1})
        .rest({&currency_letter, 1})
        .number(static_cast<std::uint16_t>(partition))
        .text();
}

std::string entry_key(std::string_view tenant, std::string_view book, domain::Time time,
                      std::string_view event) {
    return Key{entry_rows}.name(tenant).name(book).time(time).rest(event).text();
}

std::string statement_key(std::string_view tenant, std::string_view book, std::string_view account,
                          domain::Time time, std::string_view event, std::size_t line) {
    return Key{statement_rows}
        .name(tenant)
        .name(book)
        .name(account)
        .time(time)
        .name(event)
        .number(static_cast<std::uint16_t>(line))
        .text();
}

std::uint64_t layout() {
    std::uint64_t all = rules;
    for (const std::uint64_t one :
         {schemas::packed_layout<StreamPlace>(), schemas::packed_layout<Fact>(),
          schemas::packed_layout<Draft>(), schemas::packed_layout<EntryRow>(),
          schemas::packed_layout<StatementRow>(), schemas::packed_layout<BalanceRow>(),
          schemas::packed_layout<domain::PaymentFacts>(),
          schemas::packed_layout<domain::InvoiceFacts>(),
          schemas::packed_layout<domain::SubscriptionFacts>()})
        all = all * 0x9e3779b97f4a7c15U + one;
    return all;
}

} // namespace projections::ledger
