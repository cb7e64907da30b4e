#include "domain/effect.hpp"

#include "schemas/message_set.hpp"

namespace schemas {

MARKETPLACE_MESSAGE_SET(template, domain::Effect)

} // namespace schemas
