#include "domain/deployment.hpp"

#include "schemas/message_set.hpp"

namespace schemas {

MARKETPLACE_MESSAGE_SET(template, domain::Deployment)

} // namespace schemas
