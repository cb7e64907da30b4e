// Where the ledger's fold keeps its rows: a view's, or memory for as long as a command lasts.

#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace projections {

class LedgerReader {
public:
    virtual ~LedgerReader() = default;
    virtual std::optional<std::string> get(std::string_view key) const = 0;
    // As ViewRows::scan(): listed rows only.
    virtual void
    scan(std::string_view prefix, std::string_view from, bool after,
         const std::function<bool(std::string_view key, std::string_view row)>& visit) const = 0;
};

class LedgerRows : public LedgerReader {
public:
    virtual void put(std::string_view key, std::string row) = 0;
    // A row that is found by scanning and then stays as it is.
    virtual void list(std::string_view key, std::string_view row) = 0;
};

// What is kept beside the balances.
enum class LedgerContent {
    balances_only,
    entries, // The journal.
    all,     // Also each account's statement.
};

class MemoryLedgerRows final : public LedgerRows {
public:
    explicit MemoryLedgerRows(LedgerContent content = LedgerContent::all) : content_{content} {}

    std::optional<std::string> get(std::string_view key) const override;
    void scan(std::string_view prefix, std::string_view from, bool after,
              const std::function<bool(std::string_view, std::string_view)>& visit) const override;
    void put(std::string_view key, std::string row) override;
    void list(std::string_view key, std::string_view row) override;

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view key) const {
            return std::hash<std::string_view>{}(key);
        }
    };

    const LedgerContent content_;
    std::unordered_map<std::string, std::string, Hash, std::equal_to<>> rows_;
    std::map<std::string, std::string, std::less<>> listed_;
};

} // namespace projections
