#include "gateways/sandbox/stripe/test_cards.hpp"

#include <array>
#include <utility>

namespace gateways::sandbox::stripe {

namespace {

constexpr std::array cards{
    TestCard{.name = "pm_card_visa", .brand = "visa", .number = "4242424242424242"},
    TestCard{.name = "pm_card_visa_debit",
             .brand = "visa",
             .number = "4000056655665556",
             .funding = "debit"},
    TestCard{.name = "pm_card_mastercard", .brand = "mastercard", .number = "5555555555554444"},
    TestCard{.name = "pm_card_amex", .brand = "amex", .number = "378282246310005"},
    TestCard{.name = "pm_card_discover", .brand = "discover", .number = "6011111111111117"},
    TestCard{.name = "pm_card_visa_chargeDeclined",
             .brand = "visa",
             .number = "4000000000000002",
             .code = "card_declined",
             .decline_code = "generic_decline",
             .attaches = false},
    TestCard{.name = "pm_card_visa_chargeDeclinedInsufficientFunds",
             .brand = "visa",
             .number = "4000000000009995",
             .code = "card_declined",
             .decline_code = "insufficient_funds",
             .attaches = false},
    TestCard{.name = "pm_card_visa_chargeDeclinedLostCard",
             .brand = "visa",
             .number = "4000000000009987",
             .code = "card_declined",
             .decline_code = "lost_card",
             .attaches = false},
    TestCard{.name = "pm_card_visa_chargeDeclinedStolenCard",
             .brand = "visa",
             .number = "4000000000009979",
             .code = "card_declined",
             .decline_code = "stolen_card",
             .attaches = false},
    TestCard{.name = "pm_card_chargeDeclinedExpiredCard",
             .brand = "visa",
             .number = "4000000000000069",
             .code = "expired_card",
             .attaches = false},
    TestCard{.name = "pm_card_chargeDeclinedIncorrectCvc",
             .brand = "visa",
             .number = "4000000000000127",
             .code = "incorrect_cvc",
             .attaches = false},
    TestCard{.name = "pm_card_chargeDeclinedProcessingError",
             .brand = "visa",
             .number = "4000000000000119",
             .code = "processing_error",
             .attaches = false},
    TestCard{.name = "pm_card_visa_chargeDeclinedVelocityLimitExceeded",
             .brand = "visa",
             .number = "4000000000006975",
             .code = "card_declined",
             .decline_code = "card_velocity_exceeded",
             .attaches = false},
    TestCard{.name = "pm_card_chargeCustomerFail",
             .brand = "visa",
             .number = "4000000000000341",
             .code = "card_declined",
             .decline_code = "generic_decline"},
    TestCard{.name = "pm_card_authenticationRequired",
             .brand = "visa",
             .number = "4000002760003184",
             .authentication = Authentication::always,
             .country = "DE"},
    TestCard{.name = "pm_card_authenticationRequiredOnSetup",
             .brand = "visa",
             .number = "4000002500003155",
             .authentication = Authentication::until_set_up,
             .country = "FR"},
    TestCard{.name = "pm_card_authenticationRequiredSetupForOffSession",
             .brand = "visa",
             .number = "4000003800000446",
             .authentication = Authentication::on_session},
    TestCard{.name = "pm_card_threeDSecure2Required",
             .brand = "visa",
             .number = "4000000000003220",
             .authentication = Authentication::until_set_up},
    TestCard{.name = "pm_card_threeDSecureRequired",
             .brand = "visa",
             .number = "4000000000003063",
             .authentication = Authentication::until_set_up},
    TestCard{.name = "pm_card_threeDSecureRequiredChargeDeclined",
             .brand = "visa",
             .number = "4000008400001629",
             .code = "card_declined",
             .decline_code = "generic_decline",
             .authentication = Authentication::always},
    // Its bank's 3-D Secure server is broken, so it never gets that far.
    TestCard{.name = "pm_card_threeDSecureRequiredProcessingError",
             .brand = "visa",
             .number = "4000008400001280",
             .code = "card_declined",
             .decline_code = "generic_decline"},
    TestCard{.name = "pm_card_threeDSecureOptional",
             .brand = "visa",
             .number = "4000000000003055",
             .authentication = Authentication::if_asked_for},
    TestCard{.name = "pm_card_createDispute",
             .brand = "visa",
             .number = "4000000000000259",
             .aftermath = Aftermath::dispute},
    TestCard{.name = "pm_card_createDisputeProductNotReceived",
             .brand = "visa",
             .number = "4000000000002685",
             .aftermath = Aftermath::dispute,
             .dispute_reason = "product_not_received"},
    TestCard{.name = "pm_card_createDisputeInquiry",
             .brand = "visa",
             .number = "4000000000001976",
             .aftermath = Aftermath::inquiry},
    TestCard{.name = "pm_card_createIssuerFraudRecord",
             .brand = "visa",
             .number = "4000000000005423",
             .aftermath = Aftermath::fraud_warning},
    TestCard{.name = "pm_card_radarBlock",
             .brand = "visa",
             .number = "4100000000000019",
             .code = "card_declined",
             .decline_code = "fraudulent",
             .blocked = true},
    TestCard{.name = "pm_card_pendingRefund",
             .brand = "visa",
             .number = "4000000000007726",
             .aftermath = Aftermath::refund_pending},
    TestCard{.name = "pm_card_refundFail",
             .brand = "visa",
             .number = "4000000000005126",
             .aftermath = Aftermath::refund_fails},
    TestCard{.name = "pm_card_bypassPending",
             .brand = "visa",
             .number = "4000000000000077",
             .bypasses_pending = true},
};

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> older_names{{
    {"pm_card_us", "pm_card_visa"},
    {"pm_card_chargeDeclined", "pm_card_visa_chargeDeclined"},
    {"pm_card_chargeDeclinedInsufficientFunds", "pm_card_visa_chargeDeclinedInsufficientFunds"},
    {"pm_card_chargeDeclinedLostCard", "pm_card_visa_chargeDeclinedLostCard"},
    {"pm_card_chargeDeclinedStolenCard", "pm_card_visa_chargeDeclinedStolenCard"},
    {"pm_card_chargeDeclinedVelocityLimitExceeded",
     "pm_card_visa_chargeDeclinedVelocityLimitExceeded"},
    {"pm_card_chargeDeclinedFraudulent", "pm_card_radarBlock"},
    {"pm_card_mastercard_credit", "pm_card_mastercard"},
}};

} // namespace

const TestCard* find_test_card(std::string_view payment_method_id) {
    for (const auto& [older, name] : older_names)
        if (older == payment_method_id) payment_method_id = name;
    for (const TestCard& card : cards)
        if (card.name == payment_method_id) return &card;
    return nullptr;
}

const TestCard* find_card_by_number(std::string_view number) {
    for (const TestCard& card : cards)
        if (card.number == number) return &card;
    return nullptr;
}

bool is_valid_number(std::string_view number) {
    if (number.size() < 12 || number.size() > 19) return false;
    unsigned sum = 0;
    for (std::size_t i = 0; i < number.size(); ++i) {
        const char c = number[number.size() - 1 - i];
        if (c < '0' || c > '9') return false;
        unsigned digit = static_cast<unsigned>(c - '0');
        if (i % 2 == 1) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
        sum += digit;
    }
    return sum % 10 == 0;
}

std::string_view message_for(std::string_view code, std::string_view decline_code) {
    if (code == "expired_card") return "Your card has expired.";
    if (code == "incorrect_cvc") return "Your card's security code is incorrect.";
    if (code == "incorrect_number") return "Your card number is incorrect.";
    if (code == "processing_error")
        return "An error occurred while processing your card. Try again in a little bit.";
    if (code == "authentication_required")
        return "Your card was declined. This transaction requires authentication.";
    if (decline_code == "insufficient_funds") return "Your card has insufficient funds.";
    if (decline_code == "card_velocity_exceeded")
        return "Your card was declined for making repeated attempts too frequently or exceeding "
               "its amount limit.";
    return "Your card was declined.";
}

std::string_view advice_for(std::string_view code, std::string_view decline_code) {
    if (code == "expired_card" || code == "incorrect_cvc" || code == "incorrect_number")
        return "confirm_card_data";
    if (decline_code == "lost_card" || decline_code == "stolen_card" ||
        decline_code == "fraudulent")
        return "do_not_try_again";
    if (code == "card_declined" || code == "processing_error") return "try_again_later";
    return {};
}

} // namespace gateways::sandbox::stripe
