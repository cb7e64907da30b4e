// What the campaign asks for: payments driven along their lives, from a seed. It keeps each payment
// as the domain's rules say it must be by now, so that it knows of every command whether it has to
// be accepted or refused, and why, and which version the payment has then.

#pragma once

#include "domain/payment.hpp"

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace tests::crash {

struct Step {
    std::string key{}, path{}, type{}, body{};
    std::string other_body{}; // Another command under the same key has to be refused.
    std::string payment_id{}; // Empty: makes one.
    std::size_t place = 0;    // Of the payment, in the workload.
    domain::PaymentCommand command{};
    std::string refusal{}; // The code it has to be refused with; empty: has to be accepted.
    // What is known does not say which: it follows another of the same batch.
    bool either = false;
};

// What one connection does. The same seed and answers give the same steps.
class Workload {
public:
    // As the answers so far say it is.
    struct Known {
        domain::Payment state;
        std::string id;
        std::uint64_t version = 0;
        std::string position;   // Of its last record: "3:17".
        bool under_way = false; // A command has not been answered.
        bool over = false;      // Its place can be taken.
    };

    // `name` is put before all keys and is unlike that of any other workload.
    Workload(std::uint64_t seed, std::string name);

    // One fresh command. Its payment has none under way; conclude() comes before its next one.
    Step next();
    // Likewise, of different payments.
    std::vector<Step> several(std::size_t count);
    // The whole life of a new payment whose id is known beforehand, to be sent in one batch.
    // derive(key) is the id of a payment that is made under that key.
    template <class Derive>
    std::vector<Step> life(Derive derive) {
        std::vector<Step> steps{request()};
        follow(derive(steps.front().key), steps);
        return steps;
    }

    // The answer to a step. Says what is wrong with it, or nothing.
    std::string conclude(const Step& step, bool accepted, std::string_view code,
                         std::string_view id, std::uint64_t version, std::string_view position);

    // A payment that can be read, or nothing.
    const Known* any();

    // Below `bound`.
    std::uint64_t draw(std::uint64_t bound) { return random_() % bound; }

private:
    bool chance(std::uint64_t percent) { return draw(100) < percent; }
    domain::Money part_of(domain::Money whole);
    Step request();
    Step step(std::size_t place, domain::PaymentCommand command);
    domain::PaymentCommand sensible(const domain::Payment& payment);
    domain::PaymentCommand of_captured(const domain::Payment& payment);
    domain::PaymentCommand anything(const domain::Payment& payment);
    void follow(const std::string& id, std::vector<Step>& steps);
    std::size_t pick();
    std::string key() { return name_ + "-" + std::to_string(++keys_); }

    std::mt19937_64 random_;
    std::string name_;
    std::uint64_t keys_ = 0;
    std::vector<Known> payments_;
    std::vector<std::size_t> free_; // Places of those that are over.
};

} // namespace tests::crash
