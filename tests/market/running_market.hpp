// A marketd in this process, on the embedded log in a temporary folder, and requests to it.

#pragma once

#include "gateways/http/client.hpp"
#include "gateways/marketd/market.hpp"
#include "gateways/token/issuer.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <chrono>
#include <functional>
#include <thread>

namespace tests {

namespace http = gateways::http;
using gateways::token::Roles;

struct Person {
    std::string subject;
    Roles roles = Roles::cloud_user;
    std::string tenant = "acme";
    bool second_factor = false;
};

inline const Person alice{"alice"};
inline const Person bob{"bob"};
inline const Person robot{"robot", Roles::service};
inline const Person operator_o{"operator-o", Roles::cloud_operator, "acme", true};

struct Response {
    http::ClientResponse http;

    unsigned status() const { return http.status; }
    std::string_view header(std::string_view name) const { return http.header(name); }
    // A member of the body, as text: "captured", "/amount/minor" as a pointer.
    std::string at(std::string_view pointer) const {
        simdjson::dom::parser parser;
        simdjson::dom::element json, found;
        if (parser.parse(http.body).get(json) || json.at_pointer(pointer).get(found)) return {};
        std::string_view text;
        if (!found.get(text)) return std::string{text};
        return simdjson::minify(found);
    }
};

class RunningMarket {
public:
    static constexpr int partitions = 4;
    using Prepare = std::function<void(const std::filesystem::path&)>;
    using Change = std::function<void(gateways::marketd::Options&)>;

    // `change` is made to the options of each start; the data folder is there by then.
    explicit RunningMarket(Change change = {}) : change_{std::move(change)} { start(); }
    // `prepare` gets the folder for data before the market starts on it.
    explicit RunningMarket(const Prepare& prepare) {
        prepare(folder_.path());
        start();
    }
    ~RunningMarket() { stop(); }

    void start() {
        gateways::marketd::Options options;
        options.data = folder_.path();
        options.listen = "127.0.0.1:0";
        options.dev = true;
        options.environment = "test";
        options.partitions = partitions;
        if (change_) change_(options);
        market_ = std::make_unique<gateways::marketd::Market>(options);
        issuer_ = std::make_unique<gateways::token::Issuer>(options.data / "dev", "marketplace-dev",
                                                            "marketplace");
        thread_ = std::thread{[this] { failure_ = market_->run(); }};
        url_ = "http://" + market_->address();
        while (request_plain("/readyz").status() != 200)
            std::this_thread::yield();
    }

    void stop() {
        if (!market_) return;
        market_->stop();
        thread_.join();
        market_.reset();
    }

    const std::string& failure() const { return failure_; }
    const std::filesystem::path& folder() const { return folder_.path(); }
    const std::string& url() const { return url_; }

    std::string token(const Person& who) const {
        const domain::Time now{std::chrono::duration_cast<std::chrono::milliseconds>(
                                   std::chrono::system_clock::now().time_since_epoch())
                                   .count()};
        gateways::token::Grant grant;
        grant.subject = who.subject;
        grant.tenant = who.tenant;
        grant.roles = who.roles;
        grant.now = now;
        if (who.second_factor) grant.mfa = now;
        return issuer_->token(grant);
    }

    Response request_plain(std::string_view path) const {
        return answered(http::get(url_ + std::string{path}, {}));
    }

    Response get(const Person& who, std::string_view path,
                 std::vector<http::Header> headers = {}) const {
        const std::string bearer = "Bearer " + token(who);
        headers.push_back({"Authorization", bearer});
        return answered(http::get(url_ + std::string{path}, {}, headers));
    }

    Response post(const Person& who, std::string_view path, std::string_view key,
                  std::string_view body, std::vector<http::Header> headers = {}) const {
        const std::string bearer = "Bearer " + token(who);
        headers.push_back({"Authorization", bearer});
        headers.push_back({"Content-Type", "application/json"});
        if (!key.empty()) headers.push_back({"Idempotency-Key", key});
        return answered(http::post(url_ + std::string{path}, body, {}, headers));
    }

    // A payment of `cents` by `who`.
    Response request_payment(const Person& who, std::string_view key, int cents = 1000) const {
        return post(who, "/v1/payments", key,
                    R"({"payer":")" + who.subject + R"(","amount":{"minor":)" +
                        std::to_string(cents) + R"(,"currency":"USD"}})");
    }

private:
    // Without an answer: status 0.
    static Response answered(http::ClientResult result) {
        if (!result) return {};
        return {std::move(*result)};
    }

    const Change change_;
    TemporaryFolder folder_;
    std::unique_ptr<gateways::marketd::Market> market_;
    std::unique_ptr<gateways::token::Issuer> issuer_;
    std::thread thread_;
    std::string url_, failure_;
};

} // namespace tests
