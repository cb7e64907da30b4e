// All sets of messages. Who includes this compiles none of their readers and writers: each
// aggregate's are made once, in schemas/messages/.

#pragma once

#include "domain/account.hpp"
#include "domain/book.hpp"
#include "domain/card.hpp"
#include "domain/customer_credit.hpp"
#include "domain/dashboard.hpp"
#include "domain/deployment.hpp"
#include "domain/discount_code.hpp"
#include "domain/effect.hpp"
#include "domain/inbound_event.hpp"
#include "domain/invoice.hpp"
#include "domain/invoice_book.hpp"
#include "domain/market_data.hpp"
#include "domain/node.hpp"
#include "domain/participation.hpp"
#include "domain/payment.hpp"
#include "domain/provider.hpp"
#include "domain/subscription.hpp"
#include "domain/usage.hpp"
#include "schemas/message_set.hpp"

namespace schemas {

// In the order of their names.
using Aggregates =
    boost::mp11::mp_list<domain::Account, domain::Book, domain::Card, domain::CustomerCredit,
                         domain::Dashboard, domain::Deployment, domain::DiscountCode,
                         domain::Effect, domain::InboundEvent, domain::Invoice, domain::InvoiceBook,
                         domain::MarketData, domain::Node, domain::Participation, domain::Payment,
                         domain::Provider, domain::Subscription, domain::Usage>;

#define MARKETPLACE_EXTERN(Aggregate) MARKETPLACE_MESSAGE_SET(extern template, Aggregate)
MARKETPLACE_EXTERN(domain::Account)
MARKETPLACE_EXTERN(domain::Book)
MARKETPLACE_EXTERN(domain::Card)
MARKETPLACE_EXTERN(domain::CustomerCredit)
MARKETPLACE_EXTERN(domain::Dashboard)
MARKETPLACE_EXTERN(domain::Deployment)
MARKETPLACE_EXTERN(domain::DiscountCode)
MARKETPLACE_EXTERN(domain::Effect)
MARKETPLACE_EXTERN(domain::InboundEvent)
MARKETPLACE_EXTERN(domain::Invoice)
MARKETPLACE_EXTERN(domain::InvoiceBook)
MARKETPLACE_EXTERN(domain::MarketData)
MARKETPLACE_EXTERN(domain::Node)
MARKETPLACE_EXTERN(domain::Participation)
MARKETPLACE_EXTERN(domain::Payment)
MARKETPLACE_EXTERN(domain::Provider)
MARKETPLACE_EXTERN(domain::Subscription)
MARKETPLACE_EXTERN(domain::Usage)
#undef MARKETPLACE_EXTERN

} // namespace schemas
