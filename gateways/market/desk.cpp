#include "gateways/market/desk.hpp"

#include "schemas/envelope.hpp"

#include <random>

namespace gateways::market {

namespace {

using projections::Answer;
using projections::Submission;
using Clock = std::chrono::steady_clock;

constexpr std::size_t block_bytes = 256 * 1024;
constexpr bus::milliseconds round_wait{200};

std::string new_address() {
    std::random_device random;
    constexpr std::string_view hex = "0123456789abcdef";
    std::string address = "desk-";
    for (int i = 0; i < 32; ++i)
        address.push_back(hex[random() & 15]);
    return address;
}

Answer to(const Submission& submission, Answer::Kind kind, std::string reason) {
    Answer answer;
    answer.kind = kind;
    answer.reason = std::move(reason);
    answer.asker = submission.asker;
    answer.asker_item = submission.asker_item;
    return answer;
}

} // namespace

Desk::Desk(bus::Log& log, DeskOptions options, Deliver deliver)
    : log_{log},
      options_{options},
      deliver_{std::move(deliver)},
      partitions_{log.partitions()},
      address_{new_address()} {}

Desk::~Desk() { stop(); }

void Desk::start() {
    if (!options_.remote) return;
    const int partition = partition_of(address_);
    replies_ =
        log_.read(bus::Topic::outcomes, {{partition, log_.end(bus::Topic::outcomes, partition)}});
    listener_ = std::thread{[this] { listen(); }};
}

void Desk::stop() {
    stopping_ = true;
    if (replies_) replies_->wake();
    if (listener_.joinable()) listener_.join();
}

bool Desk::submit(std::vector<Submission>&& submissions) {
    std::vector<Answer> refused;
    if (processors_.size() == 1) {
        // The usual case: one processor here, which has all or most of the partitions.
        bool mine = true;
        for (const Submission& one : submissions)
            mine = mine && processors_[0]->owns(one.partition);
        if (mine) return processors_[0]->submit(std::move(submissions));
    }
    std::vector<std::vector<Submission>> shares(processors_.size());
    for (Submission& submission : submissions) {
        std::size_t owner = 0;
        while (owner < processors_.size() && !processors_[owner]->owns(submission.partition))
            ++owner;
        if (owner < processors_.size())
            shares[owner].push_back(std::move(submission));
        else if (!options_.remote)
            refused.push_back(
                to(submission, Answer::Kind::unavailable, "the partition is not being served yet"));
        else if (!send(submission))
            refused.push_back(to(submission, Answer::Kind::unavailable,
                                 "too many commands wait for another instance"));
    }
    for (std::size_t i = 0; i < shares.size(); ++i) {
        std::vector<std::pair<void*, std::uint64_t>> askers;
        for (const Submission& one : shares[i])
            askers.emplace_back(one.asker, one.asker_item);
        if (!shares[i].empty() && !processors_[i]->submit(std::move(shares[i])))
            for (const auto& [asker, item] : askers) {
                Answer& answer = refused.emplace_back();
                answer.reason = "too many commands wait";
                answer.asker = asker;
                answer.asker_item = item;
            }
    }
    if (!refused.empty()) deliver_(refused);
    return true;
}

bool Desk::send(Submission& submission) {
    std::string data, record;
    submission.command->write_data(data);
    const schemas::CommandView command{.id = submission.id,
                                       .type = submission.command->type(),
                                       .stream = submission.stream,
                                       .time = submission.time,
                                       .tenant = submission.tenant,
                                       .actor = submission.actor,
                                       .owner = submission.owner,
                                       .fingerprint = submission.fingerprint,
                                       .correlation = submission.correlation,
                                       .trace = submission.trace,
                                       .reply = address_,
                                       .expected = submission.expected_sequence,
                                       .data = {}};
    schemas::write_command(command, data, record);
    auto fingerprint = schemas::fingerprint(command.type, data);
    if (submission.fingerprint.size() == fingerprint.size())
        std::ranges::copy(submission.fingerprint, fingerprint.begin());
    const std::lock_guard lock{mutex_};
    if (pending_.size() >= options_.pending_max ||
        !log_.post(bus::Topic::commands, submission.partition, submission.stream, record))
        return false;
    pending_.emplace(submission.id,
                     Pending{submission.asker, submission.asker_item, submission.partition,
                             fingerprint, Clock::now() + options_.patience});
    return true;
}

void Desk::answered(std::vector<Answer>& answers) {
    // A partition may move between the look at its owner and the decision; its asker repeats.
    for (Answer& answer : answers)
        if (answer.kind == Answer::Kind::elsewhere) {
            answer.kind = Answer::Kind::unavailable;
            answer.reason = "the partition is moving to another instance";
        }
    deliver_(answers);
}

void Desk::listen() {
    schemas::EnvelopeReader reader;
    auto swept_at = Clock::now();
    std::vector<Answer> answers;
    while (!stopping_) {
        answers.clear();
        for (const bus::Record& record : replies_->read(block_bytes, round_wait)) {
            if (record.key != address_) continue;
            const auto outcome = reader.outcome(record.value);
            if (!outcome) continue;
            const std::lock_guard lock{mutex_};
            const auto [from, to] = pending_.equal_range(std::string{outcome->command});
            for (auto at = from; at != to;) {
                // Of the same id with another body, which was asked for before.
                const auto& asked = at->second.fingerprint;
                if (!outcome->fingerprint.empty() &&
                    outcome->fingerprint != std::string_view{asked.data(), asked.size()}) {
                    ++at;
                    continue;
                }
                Answer& answer = answers.emplace_back();
                answer.kind = outcome->rejection.empty() ? Answer::Kind::accepted
                              : outcome->rejection == "idempotency_key_reused"
                                  ? Answer::Kind::conflict
                                  : Answer::Kind::refused;
                answer.rejection = outcome->rejection;
                answer.replayed = outcome->replayed;
                answer.sequence = outcome->sequence;
                answer.position = {at->second.partition, outcome->position};
                answer.asker = at->second.asker;
                answer.asker_item = at->second.item;
                at = pending_.erase(at);
            }
        }
        // An outcome is written before its events have a place. They are in the log by now, though
        // perhaps not to be read yet, so the end of all is beyond them.
        for (Answer& answer : answers)
            if (answer.position.offset < 0 && answer.sequence > 0) {
                answer.position.offset =
                    log_.end_bound(bus::Topic::events, answer.position.partition) - 1;
                answer.approximate = true;
            }
        if (const auto now = Clock::now(); now - swept_at > round_wait) {
            swept_at = now;
            const std::lock_guard lock{mutex_};
            std::erase_if(pending_, [&](const auto& one) {
                if (now < one.second.until) return false;
                Answer& answer = answers.emplace_back();
                answer.reason = "no answer came in time from the instance that decides";
                answer.asker = one.second.asker;
                answer.asker_item = one.second.item;
                return true;
            });
        }
        if (!answers.empty()) deliver_(answers);
    }
}

} // namespace gateways::market
