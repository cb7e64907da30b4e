// A SHA-256 over a sequence of byte strings, which tells where each of them ends.

#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace gateways::marketctl {

class RecordDigest {
public:
    RecordDigest();
    ~RecordDigest();
    RecordDigest(RecordDigest&& other) noexcept;
    RecordDigest& operator=(RecordDigest&& other) noexcept;

    void add(std::string_view bytes);
    // Of all that was added so far, as 64 hex digits. More may be added afterwards.
    std::string hex() const;

private:
    struct Free {
        void operator()(evp_md_ctx_st* context) const;
    };
    std::unique_ptr<evp_md_ctx_st, Free> context_;
};

} // namespace gateways::marketctl
