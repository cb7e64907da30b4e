// The ledger: what events mean in double entry (domain/ledger_entries.hpp), with balances. A book
// is a dashboard's; what belongs to no dashboard is in the tenant's own book, whose name is empty.
//
// What an event does not say itself is learnt: from its own stream, or from another one, whose
// events may come sooner or later, since only the order within a partition is fixed. So whatever
// depends on another stream waits until that has spoken, and is posted then, dated as it happened:
//
//     waits                                for                         to learn
//     payments of a deployment             its order                   the book
//     bills and rewards of a contract      what became of its attempt  the book; cost, or waste
//     what a credit note takes of revenue  the end of its period       how much was earned
//
// So the journal and the balances are the same in whatever order partitions are read.

#pragma once

#include "bus/transaction.hpp"
#include "projections/ledger/ledger_rows.hpp"
#include "schemas/envelope.hpp"

namespace projections {

// Events of a partition in their order. What the rows contain already is not posted again, as long
// as they were written in the order of their keys (ledger_layout.hpp). Throws BrokenLog at a gap in
// a stream.
void fold_ledger(const schemas::EventView& event, int partition, bus::Offset offset,
                 LedgerRows& rows);

} // namespace projections
