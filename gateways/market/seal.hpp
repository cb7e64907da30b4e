// Documents that we hand out and take back: what they say, and a keyed hash of it, so that nothing
// has to be kept of them. Thread-safe.

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace gateways::market {

class Seal {
public:
    // Makes the file with a new key when there is none. Instances of one system share the file's
    // content. Throws std::runtime_error.
    explicit Seal(const std::filesystem::path& key_file);

    // `kind` tells documents of one use from those of another, which have the same key.
    std::string seal(std::string_view kind, std::string_view text) const;
    // Nothing when it is not ours, of another kind, or was changed.
    std::optional<std::string> open(std::string_view kind, std::string_view sealed) const;

private:
    std::string hash_of(std::string_view kind, std::string_view body) const;

    std::string key_;
};

} // namespace gateways::market
