// The ledger's rows and their keys, for the fold that writes them and the functions that read them.
//
//     a  what is known: a row a stream, and facts that other streams wait for
//     b  postings that waited for a fact
//     c  which accounts there are
//     d  balances, a row for each account, currency and partition
//     e  the journal
//     f  each account's lines
//
// The letters matter: rows are written in the order of their keys, so after a crash no balance
// contains a record that the rows of `a`, `b` and `c` do not.

#pragma once

#include "bus/transaction.hpp"
#include "domain/ledger_entries.hpp"
#include "schemas/packed.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace projections::ledger {

inline constexpr char known_rows = 'a', waiting_rows = 'b', account_rows = 'c', balance_rows = 'd',
                      entry_rows = 'e', statement_rows = 'f';

// How far a stream has come.
struct StreamPlace {
    std::uint64_t sequence = 0;
    bus::Offset offset = -1;
};
BOOST_DESCRIBE_STRUCT(StreamPlace, (), (sequence, offset))

enum class FactKind { deployment, contract, period };

// What another stream says. A fact becomes known once and then stays as it is.
struct Fact {
    bool known = false;
    bool waits = false; // Something waited for it.
    std::int32_t partition = 0;
    bus::Offset offset = -1; // Of the record that made it known.
    std::string tenant;
    std::string book;
    domain::DeploymentId deployment; // Of a contract.
    bool served = false;             // A contract.
    domain::Money earned;            // Of a period.
    domain::Time time;               // When it became known.
};
BOOST_DESCRIBE_STRUCT(Fact, (),
                      (known, waits, partition, offset, tenant, book, deployment, served, earned,
                       time))

// A posting that may lack what a fact has: its book, the account of a cost (an empty name), how
// much was earned.
struct Draft {
    std::string event; // The id of its cause.
    domain::Time time;
    std::string tenant;
    std::string book;
    std::string cause;
    std::vector<domain::JournalLine> lines;
    std::optional<domain::CreditNoteShare> share; // Of a credit note: the lines come from it.
};
BOOST_DESCRIBE_STRUCT(Draft, (), (event, time, tenant, book, cause, lines, share))

struct EntryRow {
    std::string cause;
    std::vector<domain::JournalLine> lines;
};
BOOST_DESCRIBE_STRUCT(EntryRow, (), (cause, lines))

struct StatementRow {
    std::string cause;
    domain::Money amount;
};
BOOST_DESCRIBE_STRUCT(StatementRow, (), (cause, amount))

// The sum of one partition's records up to `offset`, in 128 bits.
struct BalanceRow {
    bus::Offset offset = -1;
    std::int64_t high = 0;
    std::uint64_t low = 0;
};
BOOST_DESCRIBE_STRUCT(BalanceRow, (), (offset, high, low))

domain::Int128 sum_of(const BalanceRow& row);
void set_sum(BalanceRow& row, domain::Int128 sum);

// Lengths stand before texts, so that no name can reach into another's rows; numbers with their
// highest byte first, so that rows are in order.
class Key {
public:
    explicit Key(char rows) : text_(1, rows) {}
    Key& name(std::string_view text);
    Key& time(domain::Time time);
    Key& number(std::uint16_t number);
    Key& rest(std::string_view text) {
        text_.append(text);
        return *this;
    }
    const std::string& text() const { return text_; }

private:
    std::string text_;
};

// Reads what Key wrote, after the first letter.
class KeyReader {
public:
    explicit KeyReader(std::string_view key) : rest_{key.substr(1)} {}
    std::string_view name();
    domain::Time time();
    std::uint16_t number();
    std::string_view take(std::size_t size);
    std::string_view rest() const { return rest_; }

private:
    std::string_view rest_;
};

std::string stream_key(std::string_view stream);
std::string fact_key(FactKind kind, std::string_view id);
std::string waiting_prefix(FactKind kind, std::string_view id);

// Tenant, book, account, currency and partition, behind the letter of the rows.
std::string account_key(char rows, std::string_view tenant, std::string_view book,
                        std::string_view account, domain::Currency currency, int partition);

std::string entry_key(std::string_view tenant, std::string_view book, domain::Time time,
                      std::string_view event);
std::string statement_key(std::string_view tenant, std::string_view book, std::string_view account,
                          domain::Time time, std::string_view event, std::size_t line);

// Another whenever the rows' meaning changes.
std::uint64_t layout();

// A row of any of them, from its bytes.
template <class Row>
Row unpacked(std::string_view bytes) {
    Row row;
    schemas::Packed in{bytes};
    schemas::unpack(in, row);
    return row;
}

} // namespace projections::ledger
