#include "domain/stored_card.hpp"

namespace domain {

namespace {

constexpr std::size_t digits_min = 12;
constexpr std::size_t digits_max = 19;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

} // namespace

bool looks_like_a_card_number(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        if (!is_digit(text[at])) {
            ++at;
            continue;
        }
        // A dash joins words as well as groups of digits; a blank joins only digits.
        const bool joined_before =
            at > 0 &&
            (is_letter(text[at - 1]) || (text[at - 1] == '-' && at > 1 && is_letter(text[at - 2])));
        std::size_t digits = 0;
        while (at < text.size()) {
            if (is_digit(text[at])) {
                ++digits;
                ++at;
                continue;
            }
            const bool separates = text[at] == ' ' || text[at] == '-';
            if (!separates || at + 1 == text.size() || !is_digit(text[at + 1])) break;
            ++at;
        }
        const bool joined_after =
            at < text.size() && (is_letter(text[at]) || (text[at] == '-' && at + 1 < text.size() &&
                                                         is_letter(text[at + 1])));
        if (!joined_before && !joined_after && digits >= digits_min && digits <= digits_max)
            return true;
    }
    return false;
}

} // namespace domain
