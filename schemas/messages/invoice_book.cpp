#include "domain/invoice_book.hpp"

#include "schemas/message_set.hpp"

namespace schemas {

MARKETPLACE_MESSAGE_SET(template, domain::InvoiceBook)

} // namespace schemas
