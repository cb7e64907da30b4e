// Events told in order, as the records of a log with some partitions; and their ledger.

#pragma once

#include "bus/topic.hpp"
#include "projections/ledger/ledger_fold.hpp"
#include "projections/ledger/ledger_reading.hpp"
#include "schemas/envelope.hpp"
#include "schemas/messages.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tests {

struct ToldRecord {
    int partition = 0;
    bus::Offset offset = 0;
    std::string stream, value;
};

class ToldStory {
public:
    static constexpr int partitions = 4;

    // The next event of the stream.
    template <class Events>
    void tell(const std::string& stream, const Events& event, domain::Time time,
              const std::string& tenant = "acme") {
        std::string data;
        schemas::write_data(event, data);
        tell_data(stream, schemas::type_of(event), data, time, tenant);
    }

    void tell_data(const std::string& stream, std::string_view type, std::string_view data,
                   domain::Time time, const std::string& tenant = "acme") {
        const std::string command = "c" + std::to_string(records_.size());
        const std::string id = command + ".1";
        schemas::EventView head;
        head.id = id;
        head.type = type;
        head.stream = stream;
        head.sequence = ++sequences_[stream];
        head.time = time;
        head.tenant = tenant;
        head.actor = "tester";
        head.command = command;
        head.fingerprint = "0123456789abcdef";
        head.correlation = command;
        const std::string none(64, '0');
        head.previous = none;
        ToldRecord record{bus::partition_of(stream, partitions), 0, stream, {}};
        record.offset = ends_[record.partition]++;
        schemas::write_event(head, data, record.value);
        records_.push_back(std::move(record));
    }

    const std::vector<ToldRecord>& records() const { return records_; }

    // Another order in which readers may see them: that of each partition stays.
    std::vector<ToldRecord> shuffled(std::mt19937_64& random) const {
        std::map<int, std::vector<const ToldRecord*>> left;
        for (auto at = records_.rbegin(); at != records_.rend(); ++at)
            left[at->partition].push_back(&*at);
        std::vector<ToldRecord> all;
        while (!left.empty()) {
            const auto chosen =
                std::next(left.begin(), static_cast<std::ptrdiff_t>(random() % left.size()));
            // Some of a partition at once, as readers bring them.
            for (std::size_t some = random() % 20 + 1; some > 0 && !chosen->second.empty();
                 --some) {
                all.push_back(*chosen->second.back());
                chosen->second.pop_back();
            }
            if (chosen->second.empty()) left.erase(chosen);
        }
        return all;
    }

private:
    std::vector<ToldRecord> records_;
    std::map<std::string, std::uint64_t> sequences_;
    std::map<int, bus::Offset> ends_;
};

inline void fold(const ToldRecord& record, projections::LedgerRows& rows) {
    static thread_local schemas::EnvelopeReader reader;
    projections::fold_ledger(reader.event(record.value).value(), record.partition, record.offset,
                             rows);
}

inline void fold(const std::vector<ToldRecord>& records, projections::LedgerRows& rows) {
    for (const ToldRecord& record : records)
        fold(record, rows);
}

// "receivable:user-a USD" and what stands there; accounts at zero are left out.
using Balances = std::map<std::string, std::int64_t>;

inline Balances balances_of(const projections::LedgerReader& rows,
                            const projections::LedgerFilter& filter = {}) {
    Balances all;
    for (const auto& one : projections::balances(rows, filter))
        if (one.minor != 0)
            all[one.account + " " + std::string{schemas::currency_name(one.currency)}] +=
                static_cast<std::int64_t>(one.minor);
    return all;
}

inline std::vector<projections::LedgerEntry>
entries_of(const projections::LedgerReader& rows, const projections::LedgerFilter& filter = {}) {
    std::vector<projections::LedgerEntry> all;
    projections::for_each_entry(rows, filter, [&](projections::LedgerEntry entry) {
        all.push_back(std::move(entry));
        return true;
    });
    return all;
}

// "payment.captured stripe.balance +1000 USD receivable:user-a -1000 USD"
inline std::string text_of(std::string_view cause, const std::vector<domain::JournalLine>& lines) {
    std::string text{cause};
    for (const domain::JournalLine& line : lines)
        text += " " + line.account + (line.amount.minor > 0 ? " +" : " ") +
                std::to_string(line.amount.minor) + " " +
                std::string{schemas::currency_name(line.amount.currency)};
    return text;
}

inline std::vector<std::string> journal_of(const projections::LedgerReader& rows) {
    std::vector<std::string> all;
    for (const auto& entry : entries_of(rows))
        all.push_back(text_of(entry.cause, entry.lines));
    return all;
}

} // namespace tests
