#include "domain/participation.hpp"

#include "schemas/message_set.hpp"

namespace schemas {

MARKETPLACE_MESSAGE_SET(template, domain::Participation)

} // namespace schemas
