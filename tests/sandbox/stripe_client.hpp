// A Stripe sandbox under test, and a client that says what it sends.

#pragma once

#include "gateways/http/client.hpp"
#include "gateways/sandbox/stripe/stripe_sandbox.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace tests::sandbox {

namespace http = gateways::http;
namespace json = boost::json;
using gateways::sandbox::Time;

// A busy machine is slow, and a test that waits for an answer is not about that.
inline const http::ClientOptions patient{.time_max = std::chrono::seconds{60}};

using Form = std::vector<std::pair<std::string, std::string>>;

inline std::string encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) || c == '_' || c == '-' || c == '.') {
            out.push_back(c);
        } else {
            out.push_back('%');
            out.push_back("0123456789ABCDEF"[byte >> 4]);
            out.push_back("0123456789ABCDEF"[byte & 15]);
        }
    }
    return out;
}

inline std::string encoded(const Form& form) {
    std::string out;
    for (const auto& [name, value] : form)
        out.append(out.empty() ? "" : "&")
            .append(encoded(std::string_view{name}))
            .append("=")
            .append(encoded(std::string_view{value}));
    return out;
}

struct Reply {
    unsigned status = 0; // 0: no answer came.
    json::value body;
    http::ClientResponse response;

    const json::value& at(std::string_view pointer) const { return body.at_pointer(pointer); }
    std::string text(std::string_view pointer) const {
        return std::string{at(pointer).as_string()};
    }
    std::int64_t number(std::string_view pointer) const { return at(pointer).as_int64(); }
    bool null(std::string_view pointer) const { return at(pointer).is_null(); }
    std::string id() const { return text("/id"); }
    std::string code() const { // Of an error.
        const json::value* code = body.at("error").get_object().if_contains("code");
        return code == nullptr ? std::string{} : std::string{code->as_string()};
    }
};

inline Reply reply_of(http::ClientResult result) {
    Reply reply;
    if (!result) return reply;
    reply.status = result->status;
    if (!result->body.empty()) reply.body = json::parse(result->body);
    reply.response = std::move(*result);
    return reply;
}

// One payment's usual parameters.
inline Form payment(std::string_view amount, std::string_view card, Form more = {}) {
    Form form{{"amount", std::string{amount}},
              {"currency", "usd"},
              {"confirm", "true"},
              {"capture_method", "automatic"},
              {"automatic_payment_methods[enabled]", "true"},
              {"automatic_payment_methods[allow_redirects]", "never"}};
    if (!card.empty()) form.emplace_back("payment_method", card);
    for (auto& [name, value] : more) { // What is given twice takes the later value.
        std::erase_if(form, [&](const auto& field) { return field.first == name; });
        form.emplace_back(std::move(name), std::move(value));
    }
    return form;
}

class Stripe : public testing::Test {
protected:
    static constexpr std::int64_t start_seconds = 1'800'000'000;

    Stripe() : Stripe{gateways::sandbox::stripe::Terms{}} {}
    explicit Stripe(const gateways::sandbox::stripe::Terms& terms)
        : clock{std::make_shared<gateways::sandbox::Clock>(
              Time{std::chrono::seconds{start_seconds}})},
          sandbox{options_with(clock, terms)},
          url{"http://127.0.0.1:" + std::to_string(sandbox.port())} {
        sandbox.start();
    }

    Reply get(const std::string& path, const Form& form = {}) const {
        const http::Header headers[]{{"Authorization", "Bearer sk_test_sandbox"}};
        return reply_of(
            http::get(url + path + (form.empty() ? "" : "?" + encoded(form)), patient, headers));
    }
    Reply post(const std::string& path, const Form& form = {},
               std::string_view idempotency_key = {}) const {
        std::vector<http::Header> headers{{"Authorization", "Bearer sk_test_sandbox"},
                                          {"Content-Type", "application/x-www-form-urlencoded"}};
        if (!idempotency_key.empty()) headers.push_back({"Idempotency-Key", idempotency_key});
        return reply_of(http::post(url + path, encoded(form), client, headers));
    }
    // The sandbox's own endpoints speak JSON.
    Reply control(const std::string& path, const json::value& body) const {
        return reply_of(http::post(url + "/sandbox/" + path, json::serialize(body), patient));
    }
    Reply control(const std::string& path) const {
        return reply_of(http::get(url + "/sandbox/" + path, patient));
    }
    // Sends bytes as they are, and gives what comes until the connection ends.
    std::string raw(std::string_view request) const {
        boost::asio::io_context context;
        boost::asio::ip::tcp::socket socket{context};
        socket.connect({boost::asio::ip::make_address("127.0.0.1"), sandbox.port()});
        boost::asio::write(socket, boost::asio::buffer(request));
        std::string answer;
        boost::system::error_code end;
        boost::asio::read(socket, boost::asio::dynamic_buffer(answer), end);
        return answer;
    }
    void pass(std::chrono::seconds time) const { clock->advance(time); }

    // A customer with a card that was saved for payments without him.
    std::string customer() const {
        return post("/v1/customers", {{"email", "user-a@example.com"}}).id();
    }
    std::string saved_card(const std::string& customer_id, const std::string& card) const {
        const Reply setup =
            post("/v1/setup_intents", {{"customer", customer_id},
                                       {"payment_method", card},
                                       {"confirm", "true"},
                                       {"allowed_payment_method_types[0]", "card"}});
        EXPECT_EQ(setup.status, 200U) << setup.response.body;
        if (setup.text("/status") == "requires_action")
            control("challenges/" + setup.id(), {{"outcome", "succeeded"}});
        return setup.text("/payment_method");
    }

    // The types of events so far, oldest first; at most a hundred.
    std::vector<std::string> event_types() const {
        std::vector<std::string> types;
        const Reply events = get("/v1/events", {{"limit", "100"}});
        for (const json::value& event : events.at("/data").as_array())
            types.insert(types.begin(), std::string{event.at("type").as_string()});
        return types;
    }

    std::shared_ptr<gateways::sandbox::Clock> clock;
    gateways::sandbox::StripeSandbox sandbox;
    const std::string url;
    http::ClientOptions client = patient;

private:
    static gateways::sandbox::StripeOptions
    options_with(std::shared_ptr<gateways::sandbox::Clock> clock,
                 const gateways::sandbox::stripe::Terms& terms) {
        gateways::sandbox::StripeOptions options;
        options.front.clock = std::move(clock);
        options.terms = terms;
        return options;
    }
};

} // namespace tests::sandbox
