#include "gateways/marketctl/ledger_export.hpp"

#include "gateways/marketctl/walk.hpp"
#include "projections/ledger/ledger_fold.hpp"
#include "schemas/scalars.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <stdexcept>

namespace gateways::marketctl {

namespace {

using projections::AccountBalance;
using projections::amount_text;
using projections::LedgerEntry;
using projections::LedgerFilter;
using projections::LedgerReader;
using Write = std::function<void(std::string_view)>;

constexpr std::size_t piece_bytes = 64 * 1024;

constexpr bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string time_text(domain::Time time) {
    std::string text;
    schemas::append_time(time, text);
    return text;
}

std::string date_text(domain::Time time) { return time_text(time).substr(0, 10); }

// Ids as they are read by every format: nothing that ends a comment, a string or a line.
std::string plain(std::string_view id) {
    std::string text;
    for (const char c : id)
        text += is_letter_or_digit(c) || c == '/' || c == ':' ? std::string(1, c)
                                                              : domain::account_word({&c, 1});
    return text;
}

std::string book_word(std::string_view name) {
    return name.empty() ? "%" : domain::account_word(name);
}

std::string_view letter_of(AccountKind kind) {
    constexpr std::array<std::string_view, 5> letters{"A", "L", "E", "R", "X"};
    return letters[static_cast<std::size_t>(kind)];
}

std::string_view root_of(AccountKind kind) {
    constexpr std::array<std::string_view, 5> roots{"Assets", "Liabilities", "Equity", "Income",
                                                    "Expenses"};
    return roots[static_cast<std::size_t>(kind)];
}

// "user-a" as "User-a", "stripe.balance" as "Stripe-balance".
std::string beancount_word(std::string_view word) {
    std::string text;
    for (const char c : word)
        text += is_letter_or_digit(c) ? c : '-';
    if (text.empty() || text.front() == '-') text.insert(0, "X");
    if (text.front() >= 'a' && text.front() <= 'z')
        text.front() = static_cast<char>(text.front() - 'a' + 'A');
    return text;
}

std::string beancount_account(AccountKind kind, std::string_view name) {
    std::string text{root_of(kind)};
    while (!name.empty()) {
        const std::size_t end = std::min(name.find(':'), name.size());
        text += ':' + beancount_word(name.substr(0, end));
        name.remove_prefix(std::min(end + 1, name.size()));
    }
    return text;
}

// Gathers what is written.
class Pieces {
public:
    explicit Pieces(const Write& write) : write_{write} {}
    ~Pieces() = default;
    Pieces& operator<<(std::string_view text) {
        piece_.append(text);
        if (piece_.size() >= piece_bytes) flush();
        return *this;
    }
    void flush() {
        write_(piece_);
        piece_.clear();
    }

private:
    const Write& write_;
    std::string piece_;
};

void export_hledger(const LedgerReader& rows, const LedgerFilter& filter, Pieces& out) {
    out << "; The ledger as it follows from the log. Debits are positive.\n"
           "decimal-mark .\n"
           "commodity 1000.00 USD\n"
           "commodity 1000.00 EUR\n"
           "commodity 1000.0000000 USDC\n"
           "commodity 1000.0000000 TFT\n\n";
    std::string before;
    for (const AccountBalance& one : projections::balances(rows, filter)) {
        std::string name = exported_account(filter, one.tenant, one.book, one.account);
        if (name == before) continue; // In another currency.
        out << "account " << name << "  ; type: " << letter_of(account_kind(one.account)) << "\n";
        before = std::move(name);
    }
    projections::for_each_entry(rows, filter, [&](const LedgerEntry& entry) {
        out << "\n"
            << date_text(entry.time) << " * " << plain(entry.cause)
            << "  ; event: " << plain(entry.event) << ", time: " << time_text(entry.time) << "\n";
        for (const domain::JournalLine& line : entry.lines)
            out << "    " << exported_account(filter, entry.tenant, entry.book, line.account)
                << "  " << amount_text(line.amount.minor, line.amount.currency) << "\n";
        return true;
    });
}

void export_beancount(const LedgerReader& rows, const LedgerFilter& filter, Pieces& out) {
    out << "; The ledger as it follows from the log. Debits are positive.\n";
    std::optional<domain::Time> first;
    projections::for_each_entry(rows, filter, [&](const LedgerEntry& entry) {
        if (!first || entry.time < *first) first = entry.time;
        return true;
    });
    if (!first) return;
    const std::vector<AccountBalance> all = projections::balances(rows, filter);
    const std::vector<std::string> names = beancount_accounts(filter, all);
    std::map<std::string, std::string> known; // By the exported name.
    for (std::size_t i = 0; i < all.size(); ++i) {
        const std::string name =
            exported_account(filter, all[i].tenant, all[i].book, all[i].account);
        if (!known.emplace(name, names[i]).second) continue; // In another currency.
        out << date_text(*first) << " open " << names[i] << "\n  account: \"" << name << "\"\n";
    }
    projections::for_each_entry(rows, filter, [&](const LedgerEntry& entry) {
        out << "\n"
            << date_text(entry.time) << " * \"" << plain(entry.cause) << "\"\n  event: \""
            << plain(entry.event) << "\"\n  time: \"" << time_text(entry.time) << "\"\n";
        for (const domain::JournalLine& line : entry.lines)
            out << "  "
                << known.at(exported_account(filter, entry.tenant, entry.book, line.account))
                << "  " << amount_text(line.amount.minor, line.amount.currency) << "\n";
        return true;
    });
}

// Quoted where CSV wants it (RFC 4180).
std::string csv_field(std::string_view text) {
    if (text.find_first_of("\",\r\n") == text.npos) return std::string{text};
    std::string field = "\"";
    for (const char c : text) {
        if (c == '"') field += '"';
        field += c;
    }
    return field + '"';
}

void export_csv(const LedgerReader& rows, const LedgerFilter& filter, Pieces& out) {
    out << "time,tenant,book,event,cause,account,amount,currency,minor\r\n";
    projections::for_each_entry(rows, filter, [&](const LedgerEntry& entry) {
        const std::string head = time_text(entry.time) + "," + csv_field(entry.tenant) + "," +
                                 csv_field(entry.book) + "," + csv_field(entry.event) + "," +
                                 csv_field(entry.cause) + ",";
        for (const domain::JournalLine& line : entry.lines) {
            const std::string amount = amount_text(line.amount.minor, line.amount.currency);
            const std::size_t space = amount.find(' ');
            out << head << csv_field(line.account) << "," << amount.substr(0, space) << ","
                << amount.substr(space + 1) << "," << std::to_string(line.amount.minor) << "\r\n";
        }
        return true;
    });
}

} // namespace

void fold_whole_ledger(bus::Log& log, projections::LedgerRows& rows, Progress& progress) {
    std::uint64_t total = 0;
    for (int partition = 0; partition < log.partitions(); ++partition)
        total += static_cast<std::uint64_t>(log.end(bus::Topic::events, partition));
    progress.begin("folding the ledger", total);
    schemas::EnvelopeReader reader;
    walk(log, bus::Topic::events, all_partitions(log), progress, [&](const bus::Record& record) {
        const auto event = reader.event(record.value);
        if (!event)
            throw std::runtime_error{place(record) + " is no event: " + event.error().where + " " +
                                     event.error().problem};
        projections::fold_ledger(*event, record.partition, record.offset, rows);
        return true;
    });
    progress.end();
}

AccountKind account_kind(std::string_view account) {
    using enum AccountKind;
    static const std::map<std::string_view, AccountKind> kinds{
        {"receivable", asset},     {"stripe.balance", asset},  {"dispute.receivable", asset},
        {"deferred", liability},   {"tax", liability},         {"credit", liability},
        {"payable", liability},    {"reserve", liability},     {"revenue", income},
        {"credit.lapsed", income}, {"grid.cost", expense},     {"grid.waste", expense},
        {"refunds", expense},      {"goodwill", expense},      {"sla.credits", expense},
        {"promo", expense},        {"bad_debt", expense},      {"dispute.losses", expense},
        {"fees", expense},         {"alliance.share", expense}};
    static const std::map<std::string_view, AccountKind> families{
        {"fees.", expense}, {"tft.", asset}, {"usdc.", asset}, {"xlm.", asset}};
    const std::string_view first = account.substr(0, account.find(':'));
    if (const auto found = kinds.find(first); found != kinds.end()) return found->second;
    for (const auto& [beginning, kind] : families)
        if (first.starts_with(beginning)) return kind;
    return equity;
}

std::string exported_account(const LedgerFilter& filter, std::string_view tenant,
                             std::string_view book, std::string_view account) {
    std::string name;
    if (!filter.tenant) name += book_word(tenant) + ":";
    if (!filter.book) name += book_word(book) + ":";
    return name.append(account);
}

std::vector<std::string> beancount_accounts(const LedgerFilter& filter,
                                            const std::vector<AccountBalance>& balances) {
    std::map<std::string, std::string> chosen; // By the exported name.
    std::set<std::string> taken;
    std::vector<std::string> names;
    for (const AccountBalance& one : balances) {
        const std::string name = exported_account(filter, one.tenant, one.book, one.account);
        auto found = chosen.find(name);
        if (found == chosen.end()) {
            const std::string wish = beancount_account(account_kind(one.account), name);
            std::string free = wish;
            for (int number = 2; !taken.insert(free).second; ++number)
                free = wish + "-" + std::to_string(number);
            found = chosen.emplace(name, free).first;
        }
        names.push_back(found->second);
    }
    return names;
}

void export_ledger(const LedgerReader& rows, const LedgerFilter& filter, LedgerFormat format,
                   const Write& write) {
    Pieces out{write};
    switch (format) {
    case LedgerFormat::hledger: export_hledger(rows, filter, out); break;
    case LedgerFormat::beancount: export_beancount(rows, filter, out); break;
    case LedgerFormat::csv: export_csv(rows, filter, out); break;
    }
    out.flush();
}

} // namespace gateways::marketctl
