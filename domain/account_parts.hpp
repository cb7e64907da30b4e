// What an account is made of: the parts that its state, commands and events share.

#pragma once

#include "domain/described.hpp"
#include "domain/id.hpp"
#include "domain/stored_card.hpp"
#include "domain/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace domain {

// They combine freely. Everybody begins as a cloud user.
enum class AccountRole { cloud_user, cloud_provider, cloud_operator, investor };
BOOST_DESCRIBE_ENUM(AccountRole, cloud_user, cloud_provider, cloud_operator, investor)

// Why nothing more may be bought. Each reason is closed on its own.
enum class SpendingReason { dispute, fraud, manual, unpaid };
BOOST_DESCRIBE_ENUM(SpendingReason, dispute, fraud, manual, unpaid)

enum class NoticeKind { security, billing, legal, maintenance, deployment, product };
BOOST_DESCRIBE_ENUM(NoticeKind, security, billing, legal, maintenance, deployment, product)

// Kinds that are not named are sent by e-mail, and not to webhooks.
struct NoticePreference {
    NoticeKind kind = NoticeKind::product;
    bool email = true;
    bool webhook = false;
};
BOOST_DESCRIBE_STRUCT(NoticePreference, (), (kind, email, webhook))

enum class SecondFactorKind { totp, webauthn };
BOOST_DESCRIBE_ENUM(SecondFactorKind, totp, webauthn)

// Its secret is kept by the identity provider.
struct SecondFactor {
    std::string factor;
    SecondFactorKind kind = SecondFactorKind::totp;
};
BOOST_DESCRIBE_STRUCT(SecondFactor, (), (factor, kind))

// A key acts in one or more of its account's roles, only reading or writing as well.
struct ApiKeyScope {
    AccountRole role = AccountRole::cloud_user;
    bool writes = false;
};
BOOST_DESCRIBE_STRUCT(ApiKeyScope, (), (role, writes))

struct ApiKey {
    std::string key;         // Its public half, by which it is found.
    std::string secret_hash; // Made at the door.
    std::vector<ApiKeyScope> scopes;
    std::optional<Time> expires;
};
BOOST_DESCRIBE_STRUCT(ApiKey, (), (key, secret_hash, scopes, expires))

struct SshKey {
    std::uint32_t number = 0; // 1, 2, 3 ... within the account.
    std::string key;          // "ssh-ed25519 AAAA...", without a comment.
};
BOOST_DESCRIBE_STRUCT(SshKey, (), (number, key))

struct TaxDetails {
    std::string country; // ISO 3166-1 alpha-2.
    bool business = false;
    std::optional<std::string> tax_id_country; // The letters a VAT number begins with.
    std::optional<std::string> sealed_tax_id;  // The number, encrypted at the door.
};
BOOST_DESCRIBE_STRUCT(TaxDetails, (), (country, business, tax_id_country, sealed_tax_id))

// The card that is charged at a dashboard when no card is named.
struct DefaultCard {
    DashboardId dashboard;
    StoredCardId card;
    CardId payment_method; // The provider's name of it.
    std::string customer;  // The provider's name of its holder.
};
BOOST_DESCRIBE_STRUCT(DefaultCard, (), (dashboard, card, payment_method, customer))

// Somebody of the staff who sees what the account's owner sees.
struct Impersonation {
    ActorId staff;
    Time expires;
};
BOOST_DESCRIBE_STRUCT(Impersonation, (), (staff, expires))

// The code that was sent to the e-mail address.
struct EmailCode {
    std::uint32_t number = 0; // 1, 2, 3 ... within the account.
    std::string hash;         // Keyed, made at the door.
    Time expires;
    std::uint32_t failures = 0;
};
BOOST_DESCRIBE_STRUCT(EmailCode, (), (number, hash, expires, failures))

} // namespace domain
