#include "projections/ledger/ledger_reading.hpp"

#include "schemas/messages.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace projections {

using namespace ledger;

namespace {

template <class Row>
Row unpacked(std::string_view bytes) {
    Row row;
    schemas::Packed in{bytes};
    schemas::unpack(in, row);
    return row;
}

std::string prefix_of(char rows, const LedgerFilter& filter) {
    Key key{rows};
    if (!filter.tenant) return key.text();
    key.name(*filter.tenant);
    if (filter.book) key.name(*filter.book);
    return key.text();
}

bool is_wanted(const LedgerFilter& filter, std::string_view book) {
    return !filter.book || *filter.book == book;
}

LedgerEntry entry_of(std::string_view key, std::string_view row) {
    KeyReader reader{key};
    LedgerEntry entry;
    entry.tenant = reader.name();
    entry.book = reader.name();
    entry.time = reader.time();
    entry.event = reader.rest();
    auto stored = unpacked<EntryRow>(row);
    entry.cause = std::move(stored.cause);
    entry.lines = std::move(stored.lines);
    return entry;
}

} // namespace

std::vector<AccountBalance> balances(const LedgerReader& rows, const LedgerFilter& filter,
                                     std::string_view account_prefix) {
    constexpr std::size_t tail = 1 + 1 + 2; // A zero byte, the currency, the partition.
    std::string prefix = prefix_of(account_rows, filter);
    if (filter.tenant && filter.book) prefix += account_prefix;
    std::vector<AccountBalance> all;
    std::string key;
    rows.scan(prefix, {}, false, [&](std::string_view account, std::string_view) {
        KeyReader reader{account};
        AccountBalance one;
        one.tenant = reader.name();
        one.book = reader.name();
        const std::string_view rest = reader.rest();
        one.account = rest.substr(0, rest.size() - tail);
        one.currency = static_cast<domain::Currency>(rest[rest.size() - tail + 1] - '0');
        if (!is_wanted(filter, one.book) || !one.account.starts_with(account_prefix)) return true;
        key.assign(1, balance_rows).append(account.substr(1));
        if (const auto row = rows.get(key)) one.minor = sum_of(unpacked<BalanceRow>(*row));
        const bool same = !all.empty() && all.back().tenant == one.tenant &&
                          all.back().book == one.book && all.back().account == one.account &&
                          all.back().currency == one.currency;
        if (same)
            all.back().minor += one.minor;
        else
            all.push_back(std::move(one));
        return true;
    });
    return all;
}

std::vector<CurrencyTotal> trial_balance(const std::vector<AccountBalance>& balances) {
    std::array<CurrencyTotal, 4> totals;
    std::array<bool, 4> seen{};
    for (const AccountBalance& one : balances) {
        const auto at = static_cast<std::size_t>(one.currency);
        seen[at] = true;
        totals[at].currency = one.currency;
        (one.minor > 0 ? totals[at].debit : totals[at].credit) += one.minor;
    }
    std::vector<CurrencyTotal> all;
    for (std::size_t at = 0; at < totals.size(); ++at)
        if (seen[at]) all.push_back(totals[at]);
    return all;
}

void for_each_entry(const LedgerReader& rows, const LedgerFilter& filter,
                    const std::function<bool(LedgerEntry)>& visit) {
    rows.scan(prefix_of(entry_rows, filter), {}, false,
              [&](std::string_view key, std::string_view row) {
                  LedgerEntry entry = entry_of(key, row);
                  return !is_wanted(filter, entry.book) || visit(std::move(entry));
              });
}

std::vector<LedgerEntry> list_entries(const LedgerReader& rows, const LedgerFilter& filter,
                                      std::string_view place, std::size_t limit,
                                      std::string& next) {
    const std::string prefix = prefix_of(entry_rows, filter);
    std::vector<LedgerEntry> listed;
    std::string last;
    bool more = false;
    rows.scan(prefix, prefix + std::string{place}, !place.empty(),
              [&](std::string_view key, std::string_view row) {
                  LedgerEntry entry = entry_of(key, row);
                  if (!is_wanted(filter, entry.book)) return true;
                  if (listed.size() == limit) {
                      more = true;
                      return false;
                  }
                  last = key.substr(prefix.size());
                  listed.push_back(std::move(entry));
                  return true;
              });
    next = more ? std::move(last) : std::string{};
    return listed;
}

std::vector<StatementLine> statement(const LedgerReader& rows, const StatementOf& wanted,
                                     std::string_view place, std::size_t limit, std::string& next) {
    const std::string prefix =
        Key{statement_rows}.name(wanted.tenant).name(wanted.book).name(wanted.account).text();
    const std::string from = prefix + Key{statement_rows}.time(wanted.from).text().substr(1);
    std::vector<StatementLine> lines;
    std::string last;
    bool more = false;
    rows.scan(prefix, place.empty() ? from : prefix + std::string{place}, !place.empty(),
              [&](std::string_view key, std::string_view row) {
                  KeyReader reader{key.substr(prefix.size() - 1)};
                  StatementLine line;
                  line.time = reader.time();
                  if (line.time >= wanted.until) return false;
                  if (lines.size() == limit) {
                      more = true;
                      return false;
                  }
                  line.event = reader.name();
                  auto stored = unpacked<StatementRow>(row);
                  line.cause = std::move(stored.cause);
                  line.amount = stored.amount;
                  last = key.substr(prefix.size());
                  lines.push_back(std::move(line));
                  return true;
              });
    next = more ? std::move(last) : std::string{};
    return lines;
}

std::uint64_t postings_waiting(const LedgerReader& rows) {
    std::uint64_t waiting = 0;
    rows.scan(Key{waiting_rows}.text(), {}, false, [&](std::string_view key, std::string_view row) {
        // A credit note of a period that still runs waits as it should.
        if (unpacked<Draft>(row).share) return true;
        KeyReader reader{key};
        std::string fact{known_rows};
        fact.append(reader.take(1));
        fact.append(reader.name());
        const auto stored = rows.get(fact);
        if (!stored || !unpacked<Fact>(*stored).known) ++waiting;
        return true;
    });
    return waiting;
}

std::string number_text(domain::Int128 number) {
    __extension__ using Magnitude = unsigned __int128;
    const bool negative = number < 0;
    Magnitude rest = negative ? -static_cast<Magnitude>(number) : static_cast<Magnitude>(number);
    std::string digits;
    do {
        digits.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
        rest /= 10;
    } while (rest > 0);
    if (negative) digits.push_back('-');
    std::ranges::reverse(digits);
    return digits;
}

std::string amount_text(domain::Int128 minor, domain::Currency currency) {
    const bool cents = currency == domain::Currency::usd || currency == domain::Currency::eur;
    const std::size_t decimals = cents ? 2 : 7;
    std::string text = number_text(minor);
    const bool negative = text.front() == '-';
    if (negative) text.erase(0, 1);
    if (text.size() <= decimals) text.insert(0, decimals + 1 - text.size(), '0');
    text.insert(text.size() - decimals, ".");
    if (negative) text.insert(0, "-");
    return text.append(" ").append(schemas::currency_name(currency));
}

} // namespace projections
