// GET /v1/ledger/...: accounts, statements, the trial balance.

#include "domain/ledger_entries.hpp"
#include "gateways/market/cursor.hpp"
#include "gateways/market/read_routes.hpp"
#include "projections/ledger/ledger_reading.hpp"
#include "projections/ledger/ledger_view.hpp"
#include "schemas/messages.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <utility>

namespace gateways::market {

using domain::Currency;
using domain::Int128;
using projections::AccountBalance;
using projections::LedgerViewReader;

namespace {

constexpr std::size_t ledger_rows_at_once = 1000;
constexpr domain::Time first_time{std::numeric_limits<std::int64_t>::min()};
constexpr domain::Time last_time{std::numeric_limits<std::int64_t>::max()};

// What belongs to one party: the word of its id is the last of the account's name.
constexpr std::array<std::string_view, 4> owned_kinds{
    "credit:", "payable:", "receivable:", "reserve:"};

bool is_own(std::string_view account, std::string_view owner) {
    const std::string word = domain::account_word(owner);
    return std::ranges::any_of(owned_kinds, [&](auto kind) { return account.starts_with(kind); }) &&
           account.substr(account.rfind(':') + 1) == word;
}

// Money whose number may be larger than a Money's: cents as a number, token units as text.
void write_amount(Int128 minor, Currency currency, std::string& out) {
    const bool cents = currency == Currency::usd || currency == Currency::eur;
    out.append(cents ? R"({"minor":)" : R"({"minor":")").append(projections::number_text(minor));
    out.append(cents ? R"(,"currency":")" : R"(","currency":")");
    out.append(schemas::currency_name(currency)).append(R"("})");
}

void write_amounts(const std::vector<AccountBalance>& balances, std::string& out) {
    out.push_back('[');
    for (const AccountBalance& one : balances) {
        if (&one != &balances.front()) out.push_back(',');
        write_amount(one.minor, one.currency, out);
    }
    out.push_back(']');
}

void write_list_end(const std::string& cursor, std::string& out) {
    out.push_back(']');
    if (!cursor.empty()) out.append(R"(,"next_cursor":")").append(cursor).append("\"");
    out.append(cursor.empty() ? R"(,"has_more":false)" : R"(,"has_more":true)");
}

// What tells a list of the ledger from others.
std::string list_name(const ReadAsk& ask) {
    std::string name = "ledger" + ask.id;
    name.append(1, '\0').append(ask.reader.tenant).append(1, '\0');
    if (ask.reader.owner) name.append("=").append(*ask.reader.owner);
    return name + ask.query.list_text();
}

std::vector<std::string> books_of(const LedgerViewReader& rows, const ReadAsk& ask) {
    auto books = projections::books(rows, ask.reader.tenant);
    if (const auto* wanted = ask.query.find("book"))
        std::erase_if(books, [&](const std::string& book) { return book != *wanted; });
    return books;
}

// The places of an owner's accounts stand in few rows, so all of them are looked at.
std::vector<AccountBalance> own_balances(const LedgerViewReader& rows, const Reader& reader,
                                         const std::string& book, std::string_view prefix) {
    const std::string word = domain::account_word(*reader.owner);
    std::vector<AccountBalance> all;
    for (const std::string_view kind : owned_kinds) {
        // A customer's are found by their names; a member's may stand below an alliance.
        const bool by_name = kind == "credit:" || kind == "receivable:";
        std::string place, next;
        do {
            place = next;
            for (AccountBalance& one : projections::list_balances(
                     rows, reader.tenant, book, std::string{kind} + (by_name ? word : ""), place,
                     ledger_rows_at_once, next))
                if (is_own(one.account, *reader.owner) && one.account.starts_with(prefix))
                    all.push_back(std::move(one));
        } while (!next.empty());
    }
    return all;
}

// As the place of a list: behind the account and its currency, as list_balances() has it.
std::string place_after(const AccountBalance& one) {
    return one.account + '\0' + static_cast<char>('0' + static_cast<int>(one.currency));
}

} // namespace

ReadAnswer read_ledger_accounts(const ReadSources& sources, const ReadAsk& ask) {
    const auto limit = ask.query.limit();
    if (!limit) return wrong_parameter("limit", "is not a number above zero");
    const std::string name = list_name(ask);
    std::string in_book, place; // The book begun, and where in it.
    bool begun = false;
    if (const auto* cursor = ask.query.cursor()) {
        const auto found = place_of(name, *cursor);
        const auto end = found ? found->find('\0') : std::string::npos;
        if (end == std::string::npos) return wrong_parameter("cursor", "is not of this list");
        in_book = found->substr(0, end);
        place = found->substr(end + 1);
        begun = true;
    }
    const auto* const given = ask.query.find("prefix");
    const std::string prefix = given != nullptr ? *given : std::string{};

    const auto held = sources.views.rows(projections::LedgerView::view_name);
    const LedgerViewReader rows{*held};
    std::vector<AccountBalance> listed;
    for (const std::string& book : books_of(rows, ask)) {
        if (begun && book != in_book) continue;
        const std::string from = std::exchange(begun, false) ? place : std::string{};
        if (listed.size() > *limit) break;
        const std::size_t missing = *limit + 1 - listed.size();
        std::vector<AccountBalance> found;
        std::string next;
        if (!ask.reader.owner) {
            found = projections::list_balances(rows, ask.reader.tenant, book, prefix, from, missing,
                                               next);
        } else {
            found = own_balances(rows, ask.reader, book, prefix);
            if (!from.empty())
                std::erase_if(found, [&](const auto& one) { return place_after(one) <= from; });
            if (found.size() > missing) found.resize(missing);
        }
        std::ranges::move(found, std::back_inserter(listed));
    }
    std::string cursor;
    if (listed.size() > *limit) {
        listed.resize(*limit);
        cursor = cursor_of(name, listed.back().book + '\0' + place_after(listed.back()));
    }
    ReadAnswer answer;
    answer.body = R"({"data":[)";
    for (const AccountBalance& one : listed) {
        if (answer.body.back() == '}') answer.body.push_back(',');
        answer.body.append(R"({"book":)");
        schemas::write(one.book, answer.body);
        answer.body.append(R"(,"account":)");
        schemas::write(one.account, answer.body);
        answer.body.append(R"(,"balance":)");
        write_amount(one.minor, one.currency, answer.body);
        answer.body.push_back('}');
    }
    write_list_end(cursor, answer.body);
    answer.body.push_back('}');
    return answer;
}

namespace {

std::optional<domain::Time> time_of(const Query& query, std::string_view name, domain::Time none) {
    const std::string* const text = query.find(name);
    return text == nullptr ? none : schemas::parse_time(*text);
}

} // namespace

ReadAnswer read_statement(const ReadSources& sources, const ReadAsk& ask) {
    if (ask.reader.owner && !is_own(ask.id, *ask.reader.owner)) return not_found();
    const auto limit = ask.query.limit();
    if (!limit) return wrong_parameter("limit", "is not a number above zero");
    const auto from = time_of(ask.query, "from", first_time);
    if (!from) return wrong_parameter("from", "is no time, as 2026-04-01T00:00:00Z");
    const auto until = time_of(ask.query, "to", last_time);
    if (!until) return wrong_parameter("to", "is no time, as 2026-05-01T00:00:00Z");
    if (*until < *from) return wrong_parameter("to", "is before the beginning");
    std::optional<Currency> currency;
    if (const auto* text = ask.query.find("currency")) {
        currency = schemas::currency_of(*text);
        if (!currency) return wrong_parameter("currency", "is none of ours");
    }
    const std::string name = list_name(ask);
    std::string place;
    if (const auto* cursor = ask.query.cursor()) {
        auto found = place_of(name, *cursor);
        if (!found || found->empty()) return wrong_parameter("cursor", "is not of this list");
        place = std::move(*found);
    }
    const auto held = sources.views.rows(projections::LedgerView::view_name);
    const LedgerViewReader rows{*held};
    // An account may stand in several books; which one is meant has to be said then.
    std::vector<std::string> books = books_of(rows, ask);
    std::erase_if(books, [&](const std::string& book) {
        std::string next;
        return projections::list_balances(rows, ask.reader.tenant, book, ask.id + '\0', {}, 1, next)
            .empty();
    });
    if (books.empty()) return not_found();
    if (books.size() > 1) return wrong_parameter("book", "has to be given: several have it");

    const auto statement = projections::statement(
        rows, {ask.reader.tenant, books.front(), ask.id, *from, *until, currency}, place, *limit);
    ReadAnswer answer;
    std::string& body = answer.body;
    body = R"({"book":)";
    schemas::write(books.front(), body);
    body.append(R"(,"account":)");
    schemas::write(ask.id, body);
    body.append(R"(,"opening":)");
    write_amounts(statement.opening, body);
    body.append(R"(,"closing":)");
    write_amounts(statement.closing, body);
    body.append(R"(,"data":[)");
    for (const projections::StatementLine& line : statement.lines) {
        if (&line != &statement.lines.front()) body.push_back(',');
        body.append(R"({"time":)");
        schemas::write(line.time, body);
        body.append(R"(,"event":)");
        schemas::write(line.event, body);
        body.append(R"(,"cause":)");
        schemas::write(line.cause, body);
        body.append(R"(,"amount":)");
        write_amount(line.amount.minor, line.amount.currency, body);
        body.append(R"(,"balance":)");
        write_amount(line.balance, line.amount.currency, body);
        body.push_back('}');
    }
    write_list_end(statement.next.empty() ? "" : cursor_of(name, statement.next), body);
    body.push_back('}');
    return answer;
}

ReadAnswer read_trial_balance(const ReadSources& sources, const ReadAsk& ask) {
    const auto held = sources.views.rows(projections::LedgerView::view_name);
    const LedgerViewReader rows{*held};
    projections::LedgerFilter filter{ask.reader.tenant, std::nullopt};
    if (const auto* book = ask.query.find("book")) filter.book = *book;
    const auto totals = projections::trial_balance(projections::balances(rows, filter));
    ReadAnswer answer;
    answer.body = R"({"data":[)";
    bool balanced = true;
    for (const projections::CurrencyTotal& total : totals) {
        if (answer.body.back() == '}') answer.body.push_back(',');
        answer.body.append(R"({"debit":)");
        write_amount(total.debit, total.currency, answer.body);
        answer.body.append(R"(,"credit":)");
        write_amount(total.credit, total.currency, answer.body);
        answer.body.append(R"(,"sum":)");
        write_amount(total.sum(), total.currency, answer.body);
        answer.body.push_back('}');
        balanced = balanced && total.sum() == 0;
    }
    answer.body.append(balanced ? R"(],"balanced":true})" : R"(],"balanced":false})");
    return answer;
}

} // namespace gateways::market
