#include "domain/subscription.hpp"

#include "schemas/message_set.hpp"

namespace schemas {

MARKETPLACE_MESSAGE_SET(template, domain::Subscription)

} // namespace schemas
