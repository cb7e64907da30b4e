#include "projections/ledger/ledger_view.hpp"

#include "projections/ledger/ledger_fold.hpp"
#include "projections/ledger/ledger_layout.hpp"

namespace projections {

namespace {

class ChangedViewRows final : public LedgerRows {
public:
    explicit ChangedViewRows(ViewRows& rows) : rows_{rows} {}
    std::optional<std::string> get(std::string_view key) const override {
        return rows_.get_for_change(key);
    }
    void scan(std::string_view prefix, std::string_view from, bool after,
              const std::function<bool(std::string_view, std::string_view)>& visit) const override {
        rows_.scan(prefix, from, after, visit);
    }
    void put(std::string_view key, std::string row) override { rows_.put(key, std::move(row)); }
    void list(std::string_view key, std::string_view row) override { rows_.put_listed(key, row); }

private:
    ViewRows& rows_;
};

} // namespace

std::uint64_t LedgerView::version() const { return ledger::layout(); }

void LedgerView::apply(const schemas::EventView& event, const bus::Record& record,
                       ViewRows& rows) const {
    ChangedViewRows changed{rows};
    fold_ledger(event, record.partition, record.offset, changed);
}

} // namespace projections
