// The ledger for other people's programs: hledger, beancount, anything that reads CSV.

#pragma once

#include "bus/bus.hpp"
#include "gateways/marketctl/progress.hpp"
#include "projections/ledger/ledger_reading.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gateways::marketctl {

// Folds the whole log, as far as it goes now. Throws projections::BrokenLog.
void fold_whole_ledger(bus::Log& log, projections::LedgerRows& rows, Progress& progress);

enum class LedgerFormat { hledger, beancount, csv };

// In pieces, in the order of book and time. What the filter does not name stands before the
// account: "acme:operator-t:receivable:user-a" for all, "receivable:user-a" for one book of one
// tenant. A tenant's own book, which has no name, is "%".
void export_ledger(const projections::LedgerReader& rows, const projections::LedgerFilter& filter,
                   LedgerFormat format, const std::function<void(std::string_view)>& write);

// What kind of account it is, as both programs want to know.
enum class AccountKind { asset, liability, equity, income, expense };
AccountKind account_kind(std::string_view account);

std::string exported_account(const projections::LedgerFilter& filter, std::string_view tenant,
                             std::string_view book, std::string_view account);

// The same for beancount, which has its own idea of names ("Assets:Operator-t:Receivable:User-a"):
// one for each of `balances`, in their order, no two alike for two accounts. The true name is in
// the export beside it.
std::vector<std::string>
beancount_accounts(const projections::LedgerFilter& filter,
                   const std::vector<projections::AccountBalance>& balances);

} // namespace gateways::marketctl
