#include "domain/market_data.hpp"

#include "schemas/message_set.hpp"

namespace schemas {

MARKETPLACE_MESSAGE_SET(template, domain::MarketData)

} // namespace schemas
