// Stripe's search language: metadata['order']:'7' AND status:'succeeded' AND amount>1000

#pragma once

#include "gateways/sandbox/stripe/objects.hpp"

#include <string_view>

namespace gateways::sandbox::stripe {

// A query over payment intents.
class Search {
public:
    // Refuses what is no query.
    explicit Search(std::string_view query);

    bool matches(const PaymentIntent& intent) const;

private:
    enum class Operator { equals, contains, greater, greater_or_equal, less, less_or_equal };
    struct Clause {
        std::string field; // "status", "metadata"
        std::string key;   // Of metadata.
        Operator how = Operator::equals;
        std::string value;
        bool null = false; // The value is null: the field is not there.
        bool negated = false;
    };

    static Clause read_clause(std::string_view& rest);
    static bool holds(const Clause& clause, const PaymentIntent& intent);

    std::vector<Clause> clauses_;
    bool any_ = false; // Joined by OR; else by AND.
};

} // namespace gateways::sandbox::stripe
