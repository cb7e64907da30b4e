// The readers and writers of one aggregate's messages and state, declared or made.

#pragma once

#include "schemas/codec.hpp"
#include "schemas/packed.hpp"

// `how` is `template`, which makes them here, or `extern template`, which says that they are made
// elsewhere. In namespace schemas.
#define MARKETPLACE_MESSAGE_SET(how, Aggregate)                                                    \
    how void write_data(const Aggregate::Command&, std::string&);                                  \
    how void write_data(const Aggregate::Event&, std::string&);                                    \
    how void write(const Aggregate&, std::string&);                                                \
    how Decoded<Aggregate::Command> read_data(std::string_view, const Json&, Unknown,              \
                                              std::string_view);                                   \
    how Decoded<Aggregate::Event> read_data(std::string_view, const Json&, Unknown,                \
                                            std::string_view);                                     \
    how void pack(const Aggregate&, std::string&);                                                 \
    how void unpack(Packed&, Aggregate&);
