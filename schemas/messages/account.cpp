#include "domain/account.hpp"

#include "schemas/message_set.hpp"

namespace schemas {

MARKETPLACE_MESSAGE_SET(template, domain::Account)

} // namespace schemas
