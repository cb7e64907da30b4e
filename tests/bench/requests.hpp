// The bytes of a POST, made once; each time it is sent only the idempotency keys and the payers
// in it are written anew, in place.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

struct RequestText {
    std::string path;  // "/v1/payments"
    std::string token; // Without "Bearer ".
    std::string data;  // JSON of one command, with payer_mark where the payer's number belongs.
    std::string type;  // Of the command; only in a batch.
    int batch = 0;     // Commands in one POST; 0: the command alone, its key in the header.
};

inline constexpr std::string_view payer_mark = "########"; // Becomes eight digits.

class Request {
public:
    // Throws std::invalid_argument when the data have no payer mark.
    explicit Request(const RequestText& text);

    // `run` tells one run's keys from another's, `number` counts the commands of the run; all
    // payers from 0 to `payers` - 1 are equally likely, in an order that looks random. Returns
    // the number after the last one used.
    std::uint64_t renew(std::uint64_t run, std::uint64_t number, std::uint64_t payers);

    std::string_view bytes() const { return bytes_; }

private:
    std::string bytes_;
    std::vector<std::size_t> keys_, payers_; // Where they stand in bytes_.
};

} // namespace bench
