#include "projections/ledger/ledger_reading.hpp"

#include "schemas/messages.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace projections {

using namespace ledger;

namespace {

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

// Of one partition; `key` is that of its row among the accounts.
AccountBalance balance_of(const LedgerReader& rows, std::string_view key) {
    constexpr std::size_t tail = 1 + 1 + 2; // A zero byte, the currency, the partition.
    KeyReader reader{key};
    AccountBalance one;
    one.tenant = reader.name();
    one.book = reader.name();
    const std::string_view rest = reader.rest();
    one.account = rest.substr(0, rest.size() - tail);
    one.currency = static_cast<domain::Currency>(rest[rest.size() - tail + 1] - '0');
    if (const auto row = rows.get(balance_rows + std::string{key.substr(1)}))
        one.minor = sum_of(unpacked<BalanceRow>(*row));
    return one;
}

bool is_same_account(const AccountBalance& left, const AccountBalance& right) {
    return left.tenant == right.tenant && left.book == right.book &&
           left.account == right.account && left.currency == right.currency;
}

} // namespace

std::vector<AccountBalance> balances(const LedgerReader& rows, const LedgerFilter& filter,
                                     std::string_view account_prefix) {
    std::string prefix = prefix_of(account_rows, filter);
    if (filter.tenant && filter.book) prefix += account_prefix;
    std::vector<AccountBalance> all;
    rows.scan(prefix, {}, false, [&](std::string_view key, std::string_view) {
        AccountBalance one = balance_of(rows, key);
        if (!is_wanted(filter, one.book) || !one.account.starts_with(account_prefix)) return true;
        if (!all.empty() && is_same_account(all.back(), one))
            all.back().minor += one.minor;
        else
            all.push_back(std::move(one));
        return true;
    });
    return all;
}

std::vector<std::string> books(const LedgerReader& rows, std::string_view tenant) {
    const std::string prefix = Key{account_rows}.name(tenant).text();
    std::vector<std::string> all;
    bool more = true;
    for (std::string from; more;) {
        more = false;
        rows.scan(prefix, from, false, [&](std::string_view key, std::string_view) {
            KeyReader reader{key};
            reader.name();
            all.emplace_back(reader.name());
            more = true;
            return false;
        });
        // No account's name begins with this byte, so it is behind all of the book.
        if (more) from = Key{account_rows}.name(tenant).name(all.back()).rest("\xff").text();
    }
    return all;
}

std::vector<AccountBalance> list_balances(const LedgerReader& rows, const std::string& tenant,
                                          const std::string& book, std::string_view account_prefix,
                                          std::string_view place, std::size_t limit,
                                          std::string& next) {
    const std::string of_book = Key{account_rows}.name(tenant).name(book).text();
    std::vector<AccountBalance> listed;
    std::string last;
    bool more = false;
    // A place is an account and its currency, so it is behind the rows of all its partitions.
    rows.scan(of_book + std::string{account_prefix},
              place.empty() ? std::string{} : of_book + std::string{place} + "\xff\xff",
              !place.empty(), [&](std::string_view key, std::string_view) {
                  AccountBalance one = balance_of(rows, key);
                  if (!listed.empty() && is_same_account(listed.back(), one)) {
                      listed.back().minor += one.minor;
                      return true;
                  }
                  if (listed.size() == limit) {
                      more = true;
                      return false;
                  }
                  last = key.substr(of_book.size(), key.size() - of_book.size() - 2);
                  listed.push_back(std::move(one));
                  return true;
              });
    next = more ? std::move(last) : std::string{};
    return listed;
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

Statement statement(const LedgerReader& rows, const StatementOf& wanted, std::string_view place,
                    std::size_t limit) {
    const std::string prefix =
        Key{statement_rows}.name(wanted.tenant).name(wanted.book).name(wanted.account).text();
    const auto balances = [&](const std::map<domain::Currency, domain::Int128>& sums) {
        std::vector<AccountBalance> all;
        for (const auto& [currency, minor] : sums)
            all.push_back({wanted.tenant, wanted.book, wanted.account, currency, minor});
        return all;
    };
    Statement all;
    std::map<domain::Currency, domain::Int128> sums, opening;
    std::string last;
    bool more = false;
    rows.scan(prefix, {}, false, [&](std::string_view key, std::string_view row) {
        KeyReader reader{key.substr(prefix.size() - 1)};
        StatementLine line;
        line.time = reader.time();
        if (line.time >= wanted.until) return false;
        auto stored = unpacked<StatementRow>(row);
        line.amount = stored.amount;
        const domain::Currency currency = line.amount.currency;
        if (wanted.currency && currency != *wanted.currency) return true;
        if (line.time < wanted.from) opening[currency] += line.amount.minor;
        line.balance = sums[currency] += line.amount.minor;
        const std::string_view at = key.substr(prefix.size());
        if (line.time < wanted.from || (!place.empty() && at <= place)) return true;
        if (all.lines.size() == limit) {
            more = true;
            return true;
        }
        line.event = reader.name();
        line.cause = std::move(stored.cause);
        last = at;
        all.lines.push_back(std::move(line));
        return true;
    });
    all.opening = balances(opening);
    all.closing = balances(sums);
    if (more) all.next = std::move(last);
    return all;
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
