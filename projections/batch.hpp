// One batch of the command processor: deciding commands one by one into one transaction.

#pragma once

#include "projections/processor.hpp"

namespace projections {

class Processor::Batch final : public DecisionSink, public PolicySink {
public:
    Batch(Processor& processor, const Registry& registry)
        : processor_{processor}, registry_{registry} {}

    // Deciding threw: a bug, or a record that would be too large. What the batch did so far must
    // be taken back, and the whole batch decided again; this command will then be set aside.
    class Undecidable : public std::exception {};

    // Decides a command handed over in memory, and adds its answer to the processor's.
    void decide(const Submission& submission);
    // One from the log. What cannot be read or decided goes to `parked`.
    void decide(int partition, bus::Offset offset, std::string_view key, std::string_view value);

    const bus::Transaction& transaction() const { return transaction_; }
    bus::Transaction& transaction() { return transaction_; }

    // The batch is in the log at these offsets: fills them in.
    void keep(const std::vector<bus::Offset>& offsets);
    // Forgets what was decided; what proved undecidable is remembered until forgive().
    void clear();
    void forgive() { undecidable_.clear(); }

    // DecisionSink
    void touch() override;
    const schemas::EventView& event(std::string_view type, std::string_view data) override;
    PolicySink& policies() override { return *this; }
    // PolicySink
    void command(std::string_view policy, std::string_view step, std::string_view stream,
                 std::string_view type, std::string_view data) override;

private:
    // The command at hand, wherever it came from.
    struct Request {
        std::string_view id, stream, tenant, actor, owner, fingerprint, correlation, trace, reply;
        domain::Time time;
        int partition = 0;
        const AnyCommand* command = nullptr;
        std::uint64_t expected_sequence = 0;
        bool want_state = false;
    };
    // What is known only after the commit.
    struct Placed {
        std::size_t entry;
        Stream* stream;
        std::size_t seen;
    };

    Answer answer(const Request& request);
    Answer decide_now(const Request& request, Stream& stream, std::string_view fingerprint);
    void append_event(const schemas::EventView& head, std::string_view data);
    void append_outcome(const Request& request, const Answer& answer);
    void park(int partition, bus::Offset offset, std::string_view key, std::string_view value,
              std::string_view id, std::string_view reason);
    [[noreturn]] void give_up(std::string_view id, const std::exception& error);

    Processor& processor_;
    const Registry& registry_;
    bus::Transaction transaction_;
    schemas::EnvelopeReader reader_;

    const Request* request_ = nullptr;
    Stream* stream_ = nullptr;
    std::size_t last_entry_ = 0;
    int events_ = 0; // Of the command at hand.
    schemas::EventView head_;
    std::string event_id_, command_id_, data_, command_data_;
    std::array<char, 16> fingerprint_{};

    std::vector<Placed> placed_;                                  // Answers to remember.
    std::vector<std::pair<std::size_t, std::size_t>> answers_;    // Answer, entry.
    std::map<std::string, std::string, std::less<>> undecidable_; // Command id, reason.
};

} // namespace projections
