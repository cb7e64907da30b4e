// Follow-ups and deadlines as text, where a difference can be read.

#pragma once

#include "domain/policies/deadlines.hpp"
#include "tests/support/given.hpp"

#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <vector>

namespace domain::stories {

template <class Command>
std::string text_of(std::string_view why, std::string_view which, std::string_view stream,
                    const Command& command) {
    std::string text{why};
    text.append(" / ").append(which).append(" -> ").append(stream).append(" ");
    text.append(Command::type).append(" ");
    schemas::write_data(std::variant<Command>{command}, text);
    return text;
}

inline std::string text_of(const FollowUp& one) {
    return std::visit(
        [&](const auto& command) { return text_of(one.policy, one.step, one.stream, command); },
        one.command);
}

inline std::string text_of(const Deadline& one) {
    return std::visit(
        [&](const auto& command) {
            return text_of(one.purpose, std::to_string(one.due.milliseconds), one.stream, command);
        },
        one.command);
}

template <class Some>
std::vector<std::string> texts_of(const std::vector<Some>& all) {
    std::vector<std::string> texts;
    for (const Some& one : all)
        texts.push_back(text_of(one));
    return texts;
}

// What is expected: of a policy with its step, of a deadline with when it is due.
template <class Command>
std::string asks(std::string_view policy, std::string_view stream, const Command& command,
                 std::string_view which = {}) {
    std::string step{Command::type};
    if (!which.empty()) step.append(".").append(which);
    return text_of(policy, step, stream, command);
}

template <class Command>
std::string due(std::string_view purpose, Time when, std::string_view stream,
                const Command& command) {
    return text_of(purpose, std::to_string(when.milliseconds), stream, command);
}

} // namespace domain::stories
