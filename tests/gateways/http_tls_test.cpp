// TLS, with a certificate that is made here.

#include "gateways/http/client.hpp"
#include "tests/gateways/http_wire.hpp"
#include "tests/support/temporary_folder.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <thread>

namespace tests::wire {
namespace {

// Signed by itself, for 127.0.0.1 and localhost.
void make_certificate(const std::filesystem::path& certificate_file,
                      const std::filesystem::path& key_file) {
    EVP_PKEY* const key = EVP_EC_gen("P-256");
    X509* const certificate = X509_new();
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* const name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_EXTENSION* const names =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost");
    X509_add_ext(certificate, names, -1);
    X509_sign(certificate, key, EVP_sha256());
    FILE* file = std::fopen(certificate_file.c_str(), "w");
    PEM_write_X509(file, certificate);
    std::fclose(file);
    file = std::fopen(key_file.c_str(), "w");
    PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    X509_EXTENSION_free(names);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

class HttpTls : public testing::Test {
protected:
    HttpTls() {
        options_.tls_certificate = folder_.path() / "certificate.pem";
        options_.tls_key = folder_.path() / "key.pem";
        make_certificate(options_.tls_certificate, options_.tls_key);
        options_.sweep_every = std::chrono::milliseconds{10};
    }
    std::string url(const http::Server& server, const char* host = "127.0.0.1") {
        return "https://" + std::string{host} + ":" + std::to_string(server.port());
    }
    TemporaryFolder folder_;
    http::Options options_;
    Echo handler_;
};

TEST_F(HttpTls, ServesWhoTrustsTheCertificate) {
    http::Server server{options_, handler_};
    server.start();
    const http::ClientOptions trusting{.tls_authorities = options_.tls_certificate};
    const auto got = http::get(url(server) + "/a", trusting);
    ASSERT_TRUE(got) << got.error().reason;
    EXPECT_EQ(got->body, "GET /a  ");
    const std::string large(900'000, 'x');
    const auto posted = http::post(url(server), large, trusting);
    ASSERT_TRUE(posted) << posted.error().reason;
    EXPECT_EQ(posted->body.size(), large.size() + 8);
    const auto too_large = http::post(url(server), std::string(1'100'000, 'x'),
                                      {.body_bytes_max = 1, .tls_authorities = {}});
    EXPECT_FALSE(too_large);
}

TEST_F(HttpTls, TheClientTrustsNobodyElse) {
    http::Server server{options_, handler_};
    server.start();
    EXPECT_FALSE(http::get(url(server), {}));
    const auto other = folder_.path() / "other.pem";
    make_certificate(other, folder_.path() / "other-key.pem");
    EXPECT_FALSE(http::get(url(server), {.tls_authorities = other}));
    // Nor the right one for another name.
    EXPECT_FALSE(
        http::get(url(server, "127.0.0.2"), {.tls_authorities = options_.tls_certificate}));
    EXPECT_EQ(server.counts().requests, 0U);
}

TEST_F(HttpTls, AnswersFromElsewhere) {
    Later handler;
    http::Server server{options_, handler};
    server.start();
    std::thread answering{
        [&] { server.answer({answer_to(handler.take(1)[0], "from another thread")}); }};
    const auto got = http::get(url(server), {.tls_authorities = options_.tls_certificate});
    answering.join();
    ASSERT_TRUE(got) << got.error().reason;
    EXPECT_EQ(got->body, "from another thread");
}

TEST_F(HttpTls, WhoDoesNotShakeHandsIsDisconnected) {
    options_.header_time_max = std::chrono::milliseconds{100};
    http::Server server{options_, handler_};
    server.start();
    Wire silent{server.port()}, plain{server.port()};
    plain.send(get("/"));
    eventually([&] { return server.counts().accepted == 2 && server.counts().connections == 0; });
    EXPECT_EQ(server.counts().requests, 0U);
}

TEST_F(HttpTls, AWrongKeyIsRefusedAtTheStart) {
    make_certificate(folder_.path() / "other.pem", folder_.path() / "other-key.pem");
    options_.tls_key = folder_.path() / "other-key.pem";
    EXPECT_THROW((http::Server{options_, handler_}), std::exception);
}

} // namespace
} // namespace tests::wire
