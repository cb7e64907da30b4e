#include "domain/provider.hpp"

#include "schemas/message_set.hpp"

namespace schemas {

MARKETPLACE_MESSAGE_SET(template, domain::Provider)

} // namespace schemas
