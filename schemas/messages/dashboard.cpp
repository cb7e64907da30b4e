#include "domain/dashboard.hpp"

#include "schemas/message_set.hpp"

namespace schemas {

MARKETPLACE_MESSAGE_SET(template, domain::Dashboard)

} // namespace schemas
