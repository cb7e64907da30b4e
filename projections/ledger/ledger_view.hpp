// The ledger as a view: its rows in RocksDB, followed while the log grows.

#pragma once

#include "projections/ledger/ledger_rows.hpp"
#include "projections/view.hpp"

namespace projections {

class LedgerView final : public ViewFold {
public:
    static constexpr std::string_view view_name = "ledger";

    std::string_view name() const override { return view_name; }
    std::uint64_t version() const override;
    void apply(const schemas::EventView& event, const bus::Record& record,
               ViewRows& rows) const override;
};

// The rows of the view, for the functions of ledger_reading.hpp.
class LedgerViewReader final : public LedgerReader {
public:
    explicit LedgerViewReader(const ViewRows& rows) : rows_{rows} {}
    std::optional<std::string> get(std::string_view key) const override { return rows_.get(key); }
    void scan(std::string_view prefix, std::string_view from, bool after,
              const std::function<bool(std::string_view, std::string_view)>& visit) const override {
        rows_.scan(prefix, from, after, visit);
    }

private:
    const ViewRows& rows_;
};

} // namespace projections
