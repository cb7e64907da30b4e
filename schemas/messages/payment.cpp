#include "domain/payment.hpp"

#include "schemas/message_set.hpp"

namespace schemas {

MARKETPLACE_MESSAGE_SET(template, domain::Payment)

} // namespace schemas
