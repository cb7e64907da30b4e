// All sets of messages. Who includes this compiles none of their readers and writers: they are
// made once, in messages.cpp.

#pragma once

#include "domain/payment.hpp"
#include "schemas/codec.hpp"
#include "schemas/packed.hpp"

namespace schemas {

extern template void write_data(const domain::PaymentCommand&, std::string&);
extern template void write_data(const domain::PaymentEvent&, std::string&);
extern template void write(const domain::Payment&, std::string&);
extern template Decoded<domain::PaymentCommand> read_data(std::string_view, const Json&, Unknown,
                                                          std::string_view);
extern template Decoded<domain::PaymentEvent> read_data(std::string_view, const Json&, Unknown,
                                                        std::string_view);
extern template void pack(const domain::Payment&, std::string&);
extern template void unpack(Packed&, domain::Payment&);

} // namespace schemas
