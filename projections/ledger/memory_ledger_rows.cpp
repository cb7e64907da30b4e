#include "projections/ledger/ledger_layout.hpp"
#include "projections/ledger/ledger_rows.hpp"

namespace projections {

std::optional<std::string> MemoryLedgerRows::get(std::string_view key) const {
    if (const auto found = rows_.find(key); found != rows_.end()) return found->second;
    if (const auto found = listed_.find(key); found != listed_.end()) return found->second;
    return std::nullopt;
}

void MemoryLedgerRows::scan(
    std::string_view prefix, std::string_view from, bool after,
    const std::function<bool(std::string_view, std::string_view)>& visit) const {
    for (auto at = listed_.lower_bound(std::max(prefix, from));
         at != listed_.end() && std::string_view{at->first}.starts_with(prefix); ++at) {
        if (after && at->first == from) continue;
        if (!visit(at->first, at->second)) return;
    }
}

void MemoryLedgerRows::put(std::string_view key, std::string row) {
    if (const auto found = rows_.find(key); found != rows_.end())
        found->second = std::move(row);
    else
        rows_.emplace(key, std::move(row));
}

void MemoryLedgerRows::list(std::string_view key, std::string_view row) {
    const char rows = key.front();
    if (rows == ledger::statement_rows && content_ != LedgerContent::all) return;
    if (rows == ledger::entry_rows && content_ == LedgerContent::balances_only) return;
    listed_.insert_or_assign(std::string{key}, row);
}

} // namespace projections
