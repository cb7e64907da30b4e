#include "gateways/tfgrid/bills.hpp"

#include <algorithm>

namespace gateways::tfgrid {

namespace {

using domain::Time;

constexpr std::int64_t bill_cycle = domain::billing_cycle.count();

bool is_known_bill(const domain::Usage& known, Time timestamp) {
    return std::ranges::binary_search(known.bills, timestamp, {},
                                      &domain::RememberedBill::timestamp);
}

bool is_forgotten_bill(const domain::Usage& known, Time timestamp) {
    return known.bills_forgotten && timestamp < known.bills.front().timestamp;
}

class Telling {
public:
    Telling(const BilledContract& contract, const domain::Usage& known)
        : contract_{contract}, known_{known}, gaps_left_{domain::gaps_open_max} {
        gaps_left_ -= std::min(gaps_left_, known.gaps.size());
    }

    void gaps_after(Time bill, std::int64_t count) {
        for (std::int64_t hour = 1; hour <= count && gaps_left_ > 0; ++hour) {
            const Time at{bill.milliseconds + hour * bill_cycle};
            if (known_.last_bill && *known_.last_bill >= at) continue;
            if (std::ranges::find(known_.gaps, at) != known_.gaps.end()) continue;
            commands.emplace_back(domain::RecordBillGap{at});
            --gaps_left_;
        }
    }

    void bill(const GridBill& is) {
        commands.emplace_back(domain::RecordChainBill{is.timestamp, is.amount, is.tier,
                                                      contract_.deployment, contract_.kind});
    }

    std::vector<domain::UsageCommand> commands;

private:
    const BilledContract& contract_;
    const domain::Usage& known_;
    std::size_t gaps_left_; // The usage keeps no more.
};

} // namespace

std::vector<domain::UsageCommand> bill_news(const BilledContract& contract,
                                            std::vector<GridBill> bills, const domain::Usage& known,
                                            std::optional<Time> created, Time now) {
    std::ranges::sort(bills, {}, &GridBill::timestamp);
    const auto twice = std::ranges::unique(bills, {}, &GridBill::timestamp);
    bills.erase(twice.begin(), twice.end());
    std::erase_if(bills,
                  [&](const GridBill& bill) { return is_forgotten_bill(known, bill.timestamp); });

    Telling telling{contract, known};
    std::optional<Time> before;
    if (!known.last_bill) before = created;
    std::size_t told = 0; // From the first unknown one on.
    for (const GridBill& bill : bills) {
        const bool news = !is_known_bill(known, bill.timestamp);
        if (news || told > 0) ++told;
        if (told > bills_told_max) return std::move(telling.commands);
        if (news) {
            // Bills come some blocks early or late.
            if (before)
                telling.gaps_after(
                    *before, (bill.timestamp.milliseconds - before->milliseconds + bill_cycle / 2) /
                                     bill_cycle -
                                 1);
            telling.bill(bill);
        }
        before = bill.timestamp;
    }
    if (known.last_bill) before = std::max(before.value_or(*known.last_bill), *known.last_bill);
    // The index may be late by a while, but hardly by an hour.
    if (contract.live && before)
        telling.gaps_after(*before, (now.milliseconds - before->milliseconds) / bill_cycle - 1);
    return std::move(telling.commands);
}

std::string command_id(const domain::ContractId& contract, const domain::UsageCommand& command) {
    const std::string of = "watch/usage-" + contract.value;
    if (const auto* bill = std::get_if<domain::RecordChainBill>(&command))
        return of + "/bill/" + std::to_string(bill->timestamp.milliseconds);
    return of + "/gap/" +
           std::to_string(std::get<domain::RecordBillGap>(command).hour.milliseconds);
}

bool is_worth_a_look(const domain::Usage& known, const BilledContract& contract,
                     std::optional<Time> looked, Time now) {
    const auto since = [&](Time past) { return now.milliseconds - past.milliseconds; };
    // A usage may be closed before its last bill was seen.
    if (known.status == domain::UsageStatus::closed)
        return since(*known.ended) < domain::last_bills_time.count() &&
               (!looked || since(*looked) >= late_bills_every.count());
    if (!contract.live || !known.last_bill) return true;
    return since(*known.last_bill) >= bill_cycle;
}

} // namespace gateways::tfgrid
