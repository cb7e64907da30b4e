#include "schemas/upcast.hpp"

#include "schemas/scalars.hpp"

namespace schemas {

namespace {

using simdjson::dom::object;

// A text or number as it stood, or null: what is wrong with it is for the reader to say.
void copy(const Json& value, std::string& out) {
    std::string_view text;
    std::int64_t number = 0;
    if (!value.get(text))
        write_text(text, out);
    else if (!value.get(number))
        write_number(number, out);
    else
        out += "null";
}

void copy_member(const object& data, std::string_view name, std::string& out) {
    Json value;
    if (data.at_key(name).get(value)) return;
    out += ",\"";
    out += name;
    out += "\":";
    copy(value, out);
}

// Before amounts were of one type they stood flat, and a payment had one attempt:
// {"payer":"p","amount_minor":1000,"currency":"USD","card":"c"}
std::optional<Upcast> payment_requested_with_flat_amount(const Json& data) {
    object old;
    Json minor, currency;
    if (data.get(old) || old.at_key("amount_minor").get(minor) ||
        old.at_key("currency").get(currency))
        return std::nullopt;
    Upcast now{"payment.requested", R"({"attempt":1,"amount":{"minor":)"};
    copy(minor, now.data);
    now.data += R"(,"currency":)";
    copy(currency, now.data);
    now.data += "}";
    copy_member(old, "payer", now.data);
    copy_member(old, "card", now.data);
    now.data += "}";
    return now;
}

} // namespace

std::optional<Upcast> upcast(std::string_view type, const Json& data) {
    if (type == "payment.requested") return payment_requested_with_flat_amount(data);
    return std::nullopt;
}

} // namespace schemas
