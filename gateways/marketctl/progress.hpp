// How far a long task has come: a bar on a terminal, now and then a line elsewhere. Also how
// such a task hears that it shall end.

#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace gateways::marketctl {

// Somebody asked for an end (Ctrl-C). What was done stays done.
class Interrupted : public std::runtime_error {
public:
    Interrupted() : std::runtime_error{"interrupted"} {}
};

// From now on SIGINT and SIGTERM are noted; a second one ends the process at once.
void note_interrupts();
bool interrupted(); // Any thread.

class Progress {
public:
    virtual ~Progress() = default;
    // A task of `total` steps begins; 0: nobody knows how many.
    virtual void begin(std::string_view task, std::uint64_t total) = 0;
    // So many are done. Cheap enough for every few hundred records. Throws Interrupted.
    virtual void at(std::uint64_t done) = 0;
    virtual void end() = 0;
};

// On stderr.
std::unique_ptr<Progress> shown_progress();

class NoProgress final : public Progress {
public:
    void begin(std::string_view, std::uint64_t) override {}
    void at(std::uint64_t) override {}
    void end() override {}
};

// For what shows nothing, or shows it elsewhere, and can be ended all the same.
class OnlyInterrupts final : public Progress {
public:
    void begin(std::string_view, std::uint64_t) override {}
    void at(std::uint64_t) override {
        if (interrupted()) throw Interrupted{};
    }
    void end() override {}
};

} // namespace gateways::marketctl
