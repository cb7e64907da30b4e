// Reading the ledger: balances, the journal, an account's statement, the trial balance.

#pragma once

#include "domain/money.hpp"
#include "domain/time.hpp"
#include "projections/ledger/ledger_layout.hpp"
#include "projections/ledger/ledger_rows.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace projections {

struct LedgerFilter {
    std::optional<std::string> tenant; // Absent: all.
    std::optional<std::string> book;
};

struct AccountBalance {
    std::string tenant, book, account;
    domain::Currency currency = domain::Currency::usd;
    domain::Int128 minor = 0;

    friend bool operator==(const AccountBalance&, const AccountBalance&) = default;
};

// Of all accounts whose names begin so, in the order of tenant, book, account and currency; also
// those that are back at zero.
std::vector<AccountBalance> balances(const LedgerReader& rows, const LedgerFilter& filter,
                                     std::string_view account_prefix = {});

// The names of a tenant's books, in their order.
std::vector<std::string> books(const LedgerReader& rows, std::string_view tenant);

// balances() of one book in pages, as list_entries().
std::vector<AccountBalance> list_balances(const LedgerReader& rows, const std::string& tenant,
                                          const std::string& book, std::string_view account_prefix,
                                          std::string_view place, std::size_t limit,
                                          std::string& next);

// All balances of a currency together: what is above zero, and what is below. Their sum is zero.
struct CurrencyTotal {
    domain::Currency currency = domain::Currency::usd;
    domain::Int128 debit = 0, credit = 0;

    domain::Int128 sum() const { return debit + credit; }
    friend bool operator==(const CurrencyTotal&, const CurrencyTotal&) = default;
};
std::vector<CurrencyTotal> trial_balance(const std::vector<AccountBalance>& balances);

struct LedgerEntry {
    std::string tenant, book;
    domain::Time time;
    std::string event; // Id of its cause; "/earned" behind it: what a credit note took of revenue.
    std::string cause;
    std::vector<domain::JournalLine> lines;

    friend bool operator==(const LedgerEntry&, const LedgerEntry&) = default;
};

// All of the filter, book by book, in the order of their times. Ends when `visit` answers false.
void for_each_entry(const LedgerReader& rows, const LedgerFilter& filter,
                    const std::function<bool(LedgerEntry)>& visit);

// Up to `limit` entries after `place` (empty: from the first). `next` becomes the place to go on
// after, or empty when there are no more.
std::vector<LedgerEntry> list_entries(const LedgerReader& rows, const LedgerFilter& filter,
                                      std::string_view place, std::size_t limit, std::string& next);

struct StatementLine {
    domain::Time time;
    std::string event, cause;
    domain::Money amount;
    domain::Int128 balance = 0; // After it, in its currency.

    friend bool operator==(const StatementLine&, const StatementLine&) = default;
};

struct StatementOf {
    std::string tenant, book, account;
    domain::Time from, until; // From the one to just before the other.
    std::optional<domain::Currency> currency = std::nullopt; // Absent: all.
};

// Balances are a line for each currency the account ever had until then, in their order.
struct Statement {
    std::vector<AccountBalance> opening, closing; // At `from`, and at `until`.
    std::vector<StatementLine> lines;             // In pages, as list_entries().
    std::string next;
};

// Passes over all lines before `until`, so that what it says is true of one moment.
Statement statement(const LedgerReader& rows, const StatementOf& wanted, std::string_view place,
                    std::size_t limit);

// Postings that wait for an event of another stream. Beside a log that is still being read there
// may be some; where all is read, each is money whose deployment nobody has ordered.
std::uint64_t postings_waiting(const LedgerReader& rows);

// "-12.05 USD", "0.0000001 TFT"
std::string amount_text(domain::Int128 minor, domain::Currency currency);
std::string number_text(domain::Int128 number);

} // namespace projections
