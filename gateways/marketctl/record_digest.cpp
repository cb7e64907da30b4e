#include "gateways/marketctl/record_digest.hpp"

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <stdexcept>

namespace gateways::marketctl {

namespace {

void check(int done) {
    if (done != 1) throw std::runtime_error{"SHA-256 is not to be had from OpenSSL"};
}

} // namespace

RecordDigest::RecordDigest() : context_{EVP_MD_CTX_new()} {
    check(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr));
}
RecordDigest::~RecordDigest() = default;
RecordDigest::RecordDigest(RecordDigest&& other) noexcept = default;
RecordDigest& RecordDigest::operator=(RecordDigest&& other) noexcept = default;

void RecordDigest::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

void RecordDigest::add(std::string_view bytes) {
    // Little-endian whatever the machine: digests are compared between machines.
    std::array<unsigned char, 8> size{};
    for (std::size_t i = 0; i < size.size(); ++i)
        size[i] = static_cast<unsigned char>(std::uint64_t{bytes.size()} >> (8 * i));
    check(EVP_DigestUpdate(context_.get(), size.data(), size.size()));
    check(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
}

std::string RecordDigest::hex() const {
    const std::unique_ptr<EVP_MD_CTX, Free> copy{EVP_MD_CTX_new()};
    check(EVP_MD_CTX_copy_ex(copy.get(), context_.get()));
    std::array<unsigned char, 32> digest{};
    check(EVP_DigestFinal_ex(copy.get(), digest.data(), nullptr));
    std::string text;
    for (const unsigned char byte : digest) {
        text.push_back("0123456789abcdef"[byte >> 4]);
        text.push_back("0123456789abcdef"[byte & 15]);
    }
    return text;
}

} // namespace gateways::marketctl
