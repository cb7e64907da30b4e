#include "domain/discount_code.hpp"

#include "schemas/message_set.hpp"

namespace schemas {

MARKETPLACE_MESSAGE_SET(template, domain::DiscountCode)

} // namespace schemas
