#include "domain/inbound_event.hpp"

#include "schemas/message_set.hpp"

namespace schemas {

MARKETPLACE_MESSAGE_SET(template, domain::InboundEvent)

} // namespace schemas
