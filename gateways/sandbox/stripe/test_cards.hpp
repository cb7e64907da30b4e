// Stripe's public test cards, and what each of them does.

#pragma once

#include <string>
#include <string_view>

namespace gateways::sandbox::stripe {

enum class Authentication {
    never,
    always,       // Also when the payer is absent, who then cannot.
    until_set_up, // Not any more once it was set up for payments without the payer.
    on_session,   // Only while the payer is there.
    if_asked_for, // When the merchant asks for it.
};

enum class Aftermath { nothing, dispute, inquiry, fraud_warning, refund_pending, refund_fails };

struct TestCard {
    std::string_view name;  // Its payment method's well-known id.
    std::string_view brand; // "visa"
    std::string_view number;
    std::string_view code = {}, decline_code = {}; // How it declines; empty: it pays.
    bool attaches = true;                          // Declines only charges, not being saved.
    Authentication authentication = Authentication::never;
    Aftermath aftermath = Aftermath::nothing;
    std::string_view dispute_reason = "fraudulent";
    bool blocked = false;          // By Stripe's own risk rules; the bank is not asked.
    bool bypasses_pending = false; // Its money is available at once.
    std::string_view country = "US";
    std::string_view funding = "credit";

    std::string_view last4() const { return number.substr(number.size() - 4); }
};

// Nothing when there is none; the older names of some cards are known too.
const TestCard* find_test_card(std::string_view payment_method_id);
const TestCard* find_card_by_number(std::string_view number);

// Luhn's check digit.
bool is_valid_number(std::string_view number);

// What Stripe says to a payer of whom a card was declined.
std::string_view message_for(std::string_view code, std::string_view decline_code);
// What it advises the merchant; empty: nothing.
std::string_view advice_for(std::string_view code, std::string_view decline_code);

} // namespace gateways::sandbox::stripe
