// Public SSH keys as people paste them.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace domain {

// The key in its one form, "ssh-ed25519 AAAA...". The comment is dropped: it often is a person's
// name. Nothing when the text is no ed25519, RSA (2048 bits and more) or NIST ECDSA public key.
std::optional<std::string> canonical_ssh_key(std::string_view text);

} // namespace domain
