#include "schemas/messages.hpp"

namespace schemas {

template void write_data(const domain::PaymentCommand&, std::string&);
template void write_data(const domain::PaymentEvent&, std::string&);
template void write(const domain::Payment&, std::string&);
template Decoded<domain::PaymentCommand> read_data(std::string_view, const Json&, Unknown,
                                                   std::string_view);
template Decoded<domain::PaymentEvent> read_data(std::string_view, const Json&, Unknown,
                                                 std::string_view);
template void pack(const domain::Payment&, std::string&);
template void unpack(Packed&, domain::Payment&);

} // namespace schemas
