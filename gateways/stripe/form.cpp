#include "gateways/stripe/form.hpp"

namespace gateways::stripe {

namespace {

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '~';
}

void append_encoded(std::string_view text, std::string_view also_plain, std::string& out) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char c : text) {
        if (is_plain(c) || also_plain.find(c) != also_plain.npos) {
            out.push_back(c);
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out.push_back('%');
        out.push_back(digits[byte >> 4]);
        out.push_back(digits[byte & 15]);
    }
}

} // namespace

std::string percent_encoded(std::string_view text) {
    std::string out;
    append_encoded(text, {}, out);
    return out;
}

Form& Form::add(std::string_view name, std::string_view value) {
    if (!text_.empty()) text_.push_back('&');
    append_encoded(name, "[]", text_);
    text_.push_back('=');
    append_encoded(value, {}, text_);
    return *this;
}

Form& Form::add(std::string_view name, std::int64_t value) {
    return add(name, std::string_view{std::to_string(value)});
}

} // namespace gateways::stripe
