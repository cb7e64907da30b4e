#include "domain/customer_credit.hpp"

#include "schemas/message_set.hpp"

namespace schemas {

MARKETPLACE_MESSAGE_SET(template, domain::CustomerCredit)

} // namespace schemas
