// Parameters as Stripe reads them: "a[b]=c&d=e". Brackets stay as they are, the rest is
// percent-encoded.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gateways::stripe {

// What may stand in a path or a query without being taken for something else.
std::string percent_encoded(std::string_view text);

class Form {
public:
    Form& add(std::string_view name, std::string_view value);
    Form& add(std::string_view name, std::int64_t value);

    const std::string& text() const { return text_; }

private:
    std::string text_;
};

} // namespace gateways::stripe
