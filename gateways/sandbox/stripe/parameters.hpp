// A request's parameters, read with Stripe's strictness and Stripe's complaints.

#pragma once

#include "gateways/sandbox/stripe/objects.hpp"
#include "gateways/sandbox/stripe/refusal.hpp"

#include <optional>
#include <span>

namespace gateways::sandbox::stripe {

// Every reader refuses what is there and wrong, before anything is executed.
class Parameters {
public:
    // As sandbox::nested() makes it. `place` is what stands before the names in complaints.
    explicit Parameters(boost::json::object values, std::string place = {})
        : values_{std::move(values)}, place_{std::move(place)} {}

    // Refuses all but these; `known` are names with a space between them.
    void only(std::string_view known) const;

    bool has(std::string_view name) const { return values_.contains(name); }
    // There, and empty: to be unset.
    bool clears(std::string_view name) const;

    // Empty when absent.
    std::string text(std::string_view name) const;
    std::string required(std::string_view name) const;
    std::optional<std::int64_t> number(std::string_view name) const;
    std::optional<bool> flag(std::string_view name) const;
    // One of `known` (a space between them); empty when absent.
    std::string choice(std::string_view name, std::string_view known) const;
    std::vector<std::string> list(std::string_view name) const;
    Parameters inside(std::string_view name) const; // Empty when absent.
    const boost::json::object& all() const { return values_; }

    // Metadata as an update changes it: an empty value takes a key away, an empty whole all.
    void update(Metadata& metadata) const;

    std::string name_of(std::string_view name) const; // "card[number]"

private:
    boost::json::object values_;
    std::string place_;
};

} // namespace gateways::sandbox::stripe
