#include "projections/ledger/ledger_posting.hpp"

#include "schemas/messages.hpp"

#include <algorithm>

namespace projections::ledger {

namespace {

// Beside the entry of the event itself there may be this one. Event ids end with a number.
constexpr std::string_view earned_entry = "/earned";

template <class Row>
std::string packed(const Row& row) {
    std::string bytes;
    schemas::pack(row, bytes);
    return bytes;
}

Fact stored_fact(const LedgerReader& rows, const std::string& key) {
    const auto stored = rows.get(key);
    return stored ? unpacked<Fact>(*stored) : Fact{};
}

} // namespace

Draft Posting::draft(domain::JournalEntry entry, std::string book) const {
    return {std::string{event_.id},
            event_.time,
            std::string{event_.tenant},
            std::move(book),
            std::string{entry.cause},
            std::move(entry.lines),
            {}};
}

void Posting::post(const Draft& draft) {
    domain::expects(domain::is_balanced(draft.lines),
                    "a journal entry sums to zero in each currency");
    rows_.list(entry_key(draft.tenant, draft.book, draft.time, draft.event),
               packed(EntryRow{draft.cause, draft.lines}));
    for (std::size_t i = 0; i < draft.lines.size(); ++i) {
        const domain::JournalLine& line = draft.lines[i];
        rows_.list(
            statement_key(draft.tenant, draft.book, line.account, draft.time, draft.event, i),
            packed(StatementRow{draft.cause, line.amount}));
        changes_[account_key(account_rows, draft.tenant, draft.book, line.account,
                             line.amount.currency, partition_)
                     .substr(1)] += line.amount.minor;
    }
}

void Posting::post_resolved(Draft draft, const Fact& fact) {
    if (draft.share) {
        auto entry = domain::earned_part(*draft.share, fact.earned, draft.cause);
        if (!entry) return;
        draft.lines = std::move(entry->lines);
        draft.event += earned_entry;
        draft.time = std::max(draft.time, fact.time);
    } else {
        draft.tenant = fact.tenant;
        draft.book = fact.book;
        for (domain::JournalLine& line : draft.lines)
            if (line.account.empty())
                line.account = domain::grid_cost_account(fact.deployment, fact.served);
    }
    post(draft);
}

void Posting::post_with(FactKind kind, std::string_view id, const Draft& draft) {
    const std::string key = fact_key(kind, id);
    const std::string place = waiting_prefix(kind, id) + draft.event;
    Fact fact = stored_fact(rows_, key);
    if (fact.known) {
        // If it waited, before a crash took back part of what was written, the record that made
        // the fact known posts it, or has done so.
        if (!fact.waits || !rows_.get(place)) post_resolved(draft, fact);
        return;
    }
    if (!fact.waits) {
        fact.waits = true;
        rows_.put(key, packed(fact));
    }
    rows_.list(place, packed(draft));
}

void Posting::make_known(FactKind kind, std::string_view id, Fact fact) {
    const std::string key = fact_key(kind, id);
    const Fact stored = stored_fact(rows_, key);
    const bool by_this_record = stored.partition == partition_ && stored.offset == offset_;
    if (stored.known && !by_this_record) return;
    if (std::ranges::find(made_known_, key) != made_known_.end()) return;
    made_known_.push_back(key);
    if (stored.known) {
        fact = stored;
    } else {
        fact.known = true;
        fact.waits = stored.waits;
        fact.partition = partition_;
        fact.offset = offset_;
        rows_.put(key, packed(fact));
    }
    if (!fact.waits) return;
    std::vector<Draft> waiting;
    rows_.scan(waiting_prefix(kind, id), {}, false, [&](std::string_view, std::string_view row) {
        waiting.push_back(unpacked<Draft>(row));
        return true;
    });
    for (Draft& draft : waiting)
        post_resolved(std::move(draft), fact);
}

void Posting::finish() {
    for (const auto& [account, change] : changes_) {
        const std::string key = balance_rows + account;
        BalanceRow row;
        if (const auto stored = rows_.get(key))
            row = unpacked<BalanceRow>(*stored);
        else
            rows_.list(account_rows + account, {});
        if (offset_ <= row.offset) continue;
        row.offset = offset_;
        set_sum(row, sum_of(row) + change);
        rows_.put(key, packed(row));
    }
}

} // namespace projections::ledger
