// What is a request and what is not: split anywhere, chunked, malformed, or made to be understood
// in two ways.

#include "gateways/http/request_parser.hpp"
#include "tests/gateways/http_wire.hpp"

#include <algorithm>
#include <cstring>
#include <random>

namespace tests::wire {
namespace {

using http::Known;
using Progress = http::RequestParser::Progress;

// Feeds the parser as a connection does, in pieces of the given size.
struct Fed {
    http::Budget budget{10'000'000};
    http::Input input{1024, budget};
    http::ParseLimits limits{.header_bytes_max = 4096, .body_bytes_max = 100'000};
    std::unique_ptr<http::RequestParser> parser = std::make_unique<http::RequestParser>(limits);
    std::array<http::Header, http::header_fields_max> headers;
    http::Request request;

    Progress feed(std::string_view bytes, std::size_t piece) {
        Progress progress = parser->parse(input);
        while (progress == Progress::needs_more && !bytes.empty()) {
            const auto room = input.room(parser->kept(input), parser->bytes_max());
            if (room.empty()) return Progress::refused;
            const std::size_t size = std::min({piece, room.size(), bytes.size()});
            std::memcpy(room.data(), bytes.data(), size);
            input.received(size);
            bytes.remove_prefix(size);
            progress = parser->parse(input);
        }
        rest = bytes;
        if (progress == Progress::complete) parser->describe(input, headers, request);
        return progress;
    }
    void next() {
        input.next_request();
        parser = std::make_unique<http::RequestParser>(limits);
    }
    std::string_view rest; // What feed() did not come to.
};

const std::string whole =
    "POST /v1/x?q=1 HTTP/1.1\r\nHost: h\r\nIDEMPOTENCY-key:  k \r\n"
    "Content-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"a\":\"b\\n\"}";
const std::string chunked =
    "POST /v1/x?q=1 HTTP/1.1\r\nHost: h\r\nIdempotency-Key: k\r\n"
    "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    "1\r\n{\r\n4;a=b\r\n\"a\":\r\n006\r\n\"b\\n\"}\r\n0\r\nHost: evil\r\n\r\n";

void expect_the_request(const Fed& fed) {
    EXPECT_EQ(fed.request.path, "/v1/x");
    EXPECT_EQ(fed.request.query, "q=1");
    EXPECT_EQ(fed.request.verb, http::Verb::post);
    EXPECT_EQ(fed.request.header(Known::idempotency_key), "k");
    EXPECT_EQ(fed.request.header("content-TYPE"), "application/json");
    EXPECT_EQ(fed.request.header("Host"), "h");
    EXPECT_EQ(fed.request.header(Known::if_match), "");
    EXPECT_EQ(fed.request.body, "{\"a\":\"b\\n\"}");
    // The padding can be read.
    std::size_t sum = 0;
    for (std::size_t i = 0; i < http::body_padding; ++i)
        sum += static_cast<unsigned char>(fed.request.body.data()[fed.request.body.size() + i]);
    EXPECT_LE(sum, 255 * http::body_padding);
}

TEST(HttpParsing, IsTheSameHoweverTheBytesArrive) {
    for (const std::string& text : {whole, chunked})
        for (std::size_t piece = 1; piece <= text.size(); ++piece) {
            Fed fed;
            ASSERT_EQ(fed.feed(text, piece), Progress::complete) << piece;
            expect_the_request(fed);
        }
}

TEST(HttpParsing, IsTheSameSplitOnceAnywhere) {
    for (const std::string& text : {whole, chunked})
        for (std::size_t at = 1; at < text.size(); ++at) {
            Fed fed;
            ASSERT_EQ(fed.feed(text.substr(0, at), text.size()), Progress::needs_more) << at;
            ASSERT_EQ(fed.feed(text.substr(at), text.size()), Progress::complete) << at;
            expect_the_request(fed);
        }
}

TEST(HttpParsing, TakesOneRequestAfterAnotherFromOneBuffer) {
    std::string text;
    for (int i = 0; i < 50; ++i)
        text += i % 2 == 0 ? whole : chunked;
    for (const std::size_t piece : {1UL, 7UL, 100UL, 1000UL, 100'000UL}) {
        Fed fed;
        std::string_view bytes = text;
        for (int i = 0; i < 50; ++i) {
            ASSERT_EQ(fed.feed(bytes, piece), Progress::complete) << piece << ' ' << i;
            expect_the_request(fed);
            bytes = fed.rest;
            fed.next();
        }
        EXPECT_TRUE(bytes.empty());
    }
}

TEST(HttpParsing, PutsLargeChunkedBodiesTogether) {
    std::mt19937 random{7};
    for (int round = 0; round < 20; ++round) {
        std::string body, text = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
        const std::size_t size = random() % 100'000;
        while (body.size() < size) {
            const std::size_t some = std::min<std::size_t>(1 + random() % 3000, size - body.size());
            std::string chunk(some, '\0');
            for (char& c : chunk)
                c = static_cast<char>(random());
            char head[32];
            std::snprintf(head, sizeof head, "%zx\r\n", some);
            text += head + chunk + "\r\n";
            body += chunk;
        }
        Fed fed;
        ASSERT_EQ(fed.feed(text + "0\r\n\r\n", 1 + random() % 5000), Progress::complete);
        ASSERT_EQ(fed.request.body, body);
    }
}

TEST(HttpParsing, UnderstandsEveryFormOfATarget) {
    for (const auto& [target, path, query] :
         std::vector<std::array<const char*, 3>>{{"/", "/", ""},
                                                 {"/a%20b", "/a%20b", ""},
                                                 {"/a?b?c", "/a", "b?c"},
                                                 {"http://h/a?b", "/a", "b"},
                                                 {"http://h", "/", ""},
                                                 {"/a?u=http://h/x", "/a", "u=http://h/x"},
                                                 {"*", "*", ""}}) {
        Fed fed;
        ASSERT_EQ(fed.feed("OPTIONS " + std::string{target} + " HTTP/1.1\r\nHost: h\r\n\r\n", 1000),
                  Progress::complete)
            << target;
        EXPECT_EQ(fed.request.path, path);
        EXPECT_EQ(fed.request.query, query);
    }
}

TEST(HttpParsing, LetsTheHandlerDecideAboutMethods) {
    Fed fed;
    ASSERT_EQ(fed.feed("BREW / HTTP/1.1\r\nHost: h\r\n\r\n", 1000), Progress::complete);
    EXPECT_EQ(fed.request.verb, http::Verb::unknown);
    EXPECT_EQ(fed.request.method, "BREW");
}

TEST(HttpParsing, ADoubledTraceIsNone) {
    Fed fed;
    ASSERT_EQ(fed.feed("GET / HTTP/1.1\r\nHost: h\r\nTraceparent: a\r\ntraceparent: b\r\n\r\n", 9),
              Progress::complete);
    EXPECT_EQ(fed.request.header(Known::traceparent), "");
}

struct Malformed {
    const char* what;
    std::string request;
    int status = 400;
};

std::vector<Malformed> malformed() {
    using namespace std::string_literals;
    const auto with = [](const std::string& headers, const std::string& body = "") {
        return "POST / HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n" + body;
    };
    const std::string length = "Content-Length: 3\r\n", encoding = "Transfer-Encoding: chunked\r\n";
    return {
        {"length and encoding", with(length + encoding, "0\r\n\r\n")},
        {"encoding and length", with(encoding + length, "0\r\n\r\n")},
        {"two lengths", with(length + "Content-Length: 4\r\n", "abcd")},
        {"the same length twice", with(length + length, "abc")},
        {"a list of lengths", with("Content-Length: 3, 3\r\n", "abc")},
        {"a negative length", with("Content-Length: -3\r\n", "abc")},
        {"a length with a sign", with("Content-Length: +3\r\n", "abc")},
        {"a hexadecimal length", with("Content-Length: 0x3\r\n", "abc")},
        {"an empty length", with("Content-Length: \r\n", "abc")},
        {"a huge length", with("Content-Length: 99999999999999999999\r\n", "abc")},
        {"an unknown encoding", with("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n")},
        {"chunked not last", with("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n")},
        {"another encoding first", with("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n")},
        {"two encodings", with(encoding + encoding, "0\r\n\r\n")},
        {"a tab in the encoding", with("Transfer-Encoding: \x0b"
                                       "chunked\r\n",
                                       "0\r\n\r\n")},
        {"a blank before the colon", with("Content-Length : 3\r\n", "abc")},
        {"a folded header", with("X: a\r\n b\r\n")},
        {"a header folded twice", with("X: a\r\n b\r\n\tc\r\n")},
        {"a folded length", with("Content-Length:\r\n 3\r\n", "abc")},
        {"encoding in HTTP/1.0", "POST / HTTP/1.0\r\n" + encoding + "\r\n0\r\n\r\n"},
        {"no host", "GET / HTTP/1.1\r\n\r\n"},
        {"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
        {"two keys", with("Idempotency-Key: a\r\nIdempotency-Key: b\r\n")},
        {"two tokens", with("Authorization: Bearer a\r\nauthorization: Bearer b\r\n")},
        // Beast tells a version with something behind it from no other version.
        {"bare line feeds", "GET / HTTP/1.1\nHost: h\n\n\r\n\r\n", 505},
        {"a bare carriage return", with("X: a\rb\r\n")},
        {"NUL in a value", with("X: a\0b\r\n"s)},
        {"NUL in a name", with("X\0Y: a\r\n"s)},
        {"NUL in the target", "GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n"s},
        {"NULs", std::string(100, '\0')},
        {"no name", with(": a\r\n")},
        {"garbage", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n"},
        {"a blank line first", "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"},
        {"an authority", "CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n"},
        {"a path without slash", "GET a HTTP/1.1\r\nHost: h\r\n\r\n"},
        {"a fragment", "GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n"},
        {"HTTP/0.9", "GET /\r\n\r\n"},
        {"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        {"a chunk's size with a sign", with(encoding, "-1\r\n\r\n0\r\n\r\n")},
        {"a chunk's size with 0x", with(encoding, "0x1\r\na\r\n0\r\n\r\n")},
        {"a chunk's huge size", with(encoding, "fffffffffffffffff\r\na\r\n0\r\n\r\n")},
        {"a chunk that is too long", with(encoding, "1\r\nab\r\n0\r\n\r\n")},
        {"a chunk without a size", with(encoding, "\r\n\r\n0\r\n\r\n")},
        {"a chunk's line with a bare line feed", with(encoding, "1\na\n0\n\n    \r\n\r\n")},
    };
}

TEST(HttpParsing, RefusesWhatTwoReadersCouldReadInTwoWays) {
    Echo handler;
    http::Server server{{}, handler};
    server.start();
    for (const auto& [what, request, status] : malformed()) {
        Wire wire{server.port()};
        // Were it taken for more than one request, there would be an answer to this one.
        wire.send(request + get("/smuggled"));
        const auto response = wire.receive();
        EXPECT_EQ(response.status, status) << what;
        EXPECT_TRUE(response.has("Connection: close")) << what;
        EXPECT_TRUE(response.has("application/problem+json")) << what;
        wire.finish();
        EXPECT_TRUE(wire.ended()) << what;
    }
    EXPECT_EQ(server.counts().requests, 0U);
    EXPECT_EQ(server.counts().refused, malformed().size());
}

TEST(HttpParsing, RefusesTheSameInPieces) {
    for (const auto& [what, request, status] : malformed())
        for (const std::size_t piece : {1UL, 3UL, 50UL}) {
            Fed fed;
            ASSERT_EQ(fed.feed(request, piece), Progress::refused) << what << ' ' << piece;
            EXPECT_EQ(static_cast<int>(fed.parser->problem().status), status) << what;
        }
}

TEST(HttpParsing, SaysContinueWhenItIsWaitedFor) {
    Echo handler;
    http::Server server{{}, handler};
    server.start();
    Wire wire{server.port()};
    for (int i = 0; i < 2; ++i) {
        wire.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\n"
                  "Content-Length: 5\r\n\r\n");
        EXPECT_EQ(wire.receive().status, 100);
        wire.send("hello");
        EXPECT_EQ(wire.receive().body, "POST /  hello");
    }
    // Whoever does not wait is not told.
    wire.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi");
    EXPECT_EQ(wire.receive().status, 200);
}

TEST(HttpParsing, SurvivesRandomBytes) {
    std::mt19937 random{1};
    const std::string pieces[]{"GET ",
                               "/ HTTP/1.1\r\n",
                               "Host: h\r\n",
                               "\r\n",
                               "\r\n\r\n",
                               "0",
                               "Transfer-Encoding: chunked\r\n",
                               "Content-Length: 5\r\n",
                               "5",
                               ":",
                               "\n",
                               "\r",
                               " ",
                               "a",
                               std::string(1, '\0'),
                               "\x80",
                               ";",
                               "POST "};
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (std::size_t i = random() % 20; i > 0; --i)
            text += pieces[random() % std::size(pieces)];
        Fed fed;
        const Progress progress = fed.feed(text, 1 + random() % 20);
        // Whatever it is, it lies within what was sent.
        if (progress == Progress::complete) {
            ASSERT_LE(fed.request.body.size(), text.size());
        }
        if (progress == Progress::refused) {
            ASSERT_FALSE(fed.parser->problem().code.empty());
        }
    }
}

} // namespace
} // namespace tests::wire
