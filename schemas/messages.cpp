#include "schemas/messages.hpp"

namespace schemas {

template void write_data(const domain::PaymentCommand&, std::string&);
template void write_data(const domain::PaymentEvent&, std::string&);
template void write(const domain::Payment&, std::string&);
template Decoded<domain::PaymentCommand> read_data(std::string_view, const Json&, Unknown,
                                                   std::string_view);
template Decoded<domain::PaymentEvent> read_data(std::string_view, const Json&, Unknown,
                                                 std::string_view);
template Decoded<domain::Payment> read(const Json&, Unknown, std::string_view);

} // namespace schemas
