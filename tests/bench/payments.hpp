// The commands that benchmarks without HTTP use: payments that are requested, authorised and
// captured, many under way at a time.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bench {

struct Command {
    std::string id; // "<run>-<payment>-<step>"; the step is the payment's version afterwards.
    std::string stream;
    std::string_view type;
    std::string data;
};

// Gives the commands in the order in which they are sent: with every request goes the
// authorisation of a payment requested a while ago and the capture of one before that.
class Story {
public:
    // `run` tells the ids of one run from another's.
    Story(std::uint64_t payments, std::string run) : payments_{payments}, run_{std::move(run)} {}

    static constexpr int steps = 3;
    std::uint64_t size() const { return steps * payments_; }

    // To be called size() times.
    Command next() {
        do {
            if (++step_ > steps) {
                step_ = 1;
                ++beat_;
            }
        } while (!under_way());
        return command(beat_ - behind());
    }

private:
    static constexpr std::uint64_t apart = 1000; // Payments between two steps of one payment.

    std::uint64_t behind() const { return static_cast<std::uint64_t>(step_ - 1) * apart; }
    bool under_way() const { return beat_ >= behind() && beat_ - behind() < payments_; }

    Command command(std::uint64_t payment) const {
        Command made;
        made.id = run_ + "-" + std::to_string(payment) + "-" + std::to_string(step_);
        made.stream = "payment-" + padded(payment, 32);
        switch (step_) {
        case 1:
            made.type = "payment.request";
            made.data = "{\"payer\":\"account-" + padded(payment % 100'000, 8) +
                        R"(","amount":{"minor":4990,"currency":"EUR"},)"
                        R"("card":"pm_1Q2w3E4r5T6y7U8i9O0pAsDf"})";
            break;
        case 2:
            made.type = "payment.record_outcome";
            made.data =
                R"({"outcome":"held","provider_reference":"pi_)" + padded(payment, 24) + "\"}";
            break;
        default: made.type = "payment.capture"; made.data = "{}"; // All that is held.
        }
        return made;
    }

    static std::string padded(std::uint64_t number, std::size_t digits) {
        const std::string text = std::to_string(number);
        return std::string(digits - text.size(), '0') + text;
    }

    const std::uint64_t payments_;
    const std::string run_;
    std::uint64_t beat_ = 0;
    int step_ = 0;
};

} // namespace bench
