#include "domain/invoice.hpp"

#include "schemas/message_set.hpp"

namespace schemas {

MARKETPLACE_MESSAGE_SET(template, domain::Invoice)

} // namespace schemas
