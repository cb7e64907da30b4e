#include "gateways/http/response.hpp"

#include <gmock/gmock.h>
#include <simdjson.h>

namespace tests {
namespace {

namespace http = gateways::http;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

http::Reply reply() {
    http::Reply made;
    made.request_id.fill('a');
    return made;
}

TEST(HttpResponse, IsWhole) {
    std::string out = "before";
    const std::array headers{http::Header{"ETag", "\"1\""}};
    write_response(reply(), http::Status::created, http::json_type, headers, "{}", out);
    EXPECT_THAT(out, StartsWith("beforeHTTP/1.1 201 Created\r\nDate: "));
    EXPECT_THAT(out, HasSubstr("\r\nRequest-Id: aaaaaaaaaaaaaaaaaaaaaaaa\r\n"));
    EXPECT_THAT(out, HasSubstr("\r\nETag: \"1\"\r\n"));
    EXPECT_THAT(out, Not(HasSubstr("Connection")));
    EXPECT_THAT(out, EndsWith("\r\nContent-Length: 2\r\n\r\n{}"));
}

TEST(HttpResponse, HasNoBodyWhereNoneMayBe) {
    for (const auto status : {http::Status::no_content, http::Status::not_modified}) {
        std::string out;
        write_response(reply(), status, {}, "ignored", out);
        EXPECT_THAT(out, EndsWith("\r\n\r\n"));
        EXPECT_THAT(out, Not(HasSubstr("Content-Length")));
    }
    http::Reply head = reply();
    head.head = true;
    std::string out;
    write_response(head, http::Status::ok, http::json_type, "1234", out);
    EXPECT_THAT(out, EndsWith("Content-Length: 4\r\n\r\n"));
}

TEST(HttpResponse, AValueCannotAddAHeader) {
    std::string out;
    const std::array headers{http::Header{"Location", "/x\r\nSet-Cookie: a=b"}};
    write_response(reply(), http::Status::ok, {}, headers, "", out);
    EXPECT_THAT(out, HasSubstr("Location: /x  Set-Cookie: a=b\r\n"));
}

TEST(HttpProblem, HasEveryField) {
    const std::array errors{http::PartProblem{"/amount/minor", "must be \"positive\"\n"},
                            http::PartProblem{"Idempotency-Key", "is missing"}};
    std::string out;
    http::write_problem_body({.status = http::Status::bad_request,
                              .code = "command_invalid",
                              .detail = "why",
                              .retryable = true,
                              .errors = errors},
                             "abc", out);
    EXPECT_EQ(out, R"({"type":"/problems/command_invalid","title":"Command invalid","status":400,)"
                   R"("detail":"why","instance":"urn:request:abc","code":"command_invalid",)"
                   R"("request_id":"abc","retryable":true,"errors":[{"pointer":"/amount/minor",)"
                   R"("detail":"must be \"positive\"\u000a"},{"field":"Idempotency-Key",)"
                   R"("detail":"is missing"}]})");
}

TEST(HttpProblem, IsJsonWhateverItQuotes) {
    std::string every;
    for (int c = 0; c < 256; ++c)
        every.push_back(static_cast<char>(c));
    for (const std::string& detail : {every, std::string{"\xc3\xa9"}, std::string{"\xc3"}}) {
        std::string out;
        http::write_problem_body({.code = "x", .detail = detail}, "id", out);
        simdjson::dom::parser parser;
        std::string_view read;
        ASSERT_EQ(parser.parse(out)["detail"].get(read), simdjson::SUCCESS);
        EXPECT_EQ(read.size(), detail.size());
    }
}

TEST(HttpProblem, SaysWhenToComeBack) {
    http::Reply closing = reply();
    closing.close = true;
    std::string out;
    http::write_problem(closing,
                        {.status = http::Status::service_unavailable,
                         .code = "busy",
                         .retry_after = std::chrono::seconds{7}},
                        out);
    EXPECT_THAT(out, StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
    EXPECT_THAT(out, HasSubstr("\r\nRetry-After: 7\r\n"));
    EXPECT_THAT(out, HasSubstr("\r\nConnection: close\r\n"));
    EXPECT_THAT(out, HasSubstr("\r\nContent-Type: application/problem+json\r\n"));
}

} // namespace
} // namespace tests
