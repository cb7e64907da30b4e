// What one record of the log does to the ledger's rows.

#pragma once

#include "projections/ledger/ledger_layout.hpp"
#include "projections/ledger/ledger_rows.hpp"
#include "schemas/envelope.hpp"

#include <map>
#include <string>
#include <vector>

namespace projections::ledger {

class Posting {
public:
    Posting(const schemas::EventView& event, int partition, bus::Offset offset, LedgerRows& rows)
        : event_{event}, partition_{partition}, offset_{offset}, rows_{rows} {}

    // Of the record's event: its id, time and tenant.
    Draft draft(domain::JournalEntry entry, std::string book) const;

    void post(const Draft& draft);
    // Posts it once the fact is known, now or later.
    void post_with(FactKind kind, std::string_view id, const Draft& draft);
    // From now on the fact is known: posts what waits for it. The first word about it counts.
    void make_known(FactKind kind, std::string_view id, Fact fact);

    // Brings the balances up to the record.
    void finish();

private:
    void post_resolved(Draft draft, const Fact& fact);

    const schemas::EventView& event_;
    const int partition_;
    const bus::Offset offset_;
    LedgerRows& rows_;
    std::map<std::string, domain::Int128> changes_; // By the balance's key, without its letter.
    std::vector<std::string> made_known_;
};

} // namespace projections::ledger
