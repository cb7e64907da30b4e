#include "gateways/marketctl/progress.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <string>
#include <unistd.h>

namespace gateways::marketctl {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds bar_every{100};
constexpr milliseconds line_every{5000};
constexpr int bar_cells = 30;

volatile std::sig_atomic_t interrupts = 0;

void on_interrupt(int) { interrupts = 1; }

// "1234567" as "1,234,567".
std::string grouped(std::uint64_t number) {
    const std::string digits = std::to_string(number);
    std::string text;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
        text += digits[i];
    }
    return text;
}

std::string span(std::uint64_t seconds) {
    if (seconds < 60) return std::to_string(seconds) + " s";
    if (seconds < 3600)
        return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
    return std::to_string(seconds / 3600) + " h " + std::to_string(seconds / 60 % 60) + " min";
}

class ShownProgress final : public Progress {
public:
    ~ShownProgress() override {
        if (drawn_) std::fputc('\n', stderr);
    }

    void begin(std::string_view task, std::uint64_t total) override {
        end();
        task_ = task;
        total_ = total;
        done_ = 0;
        began_ = Clock::now();
        due_ = began_ + (terminal_ ? bar_every : line_every);
    }

    void at(std::uint64_t done) override {
        if (interrupted()) throw Interrupted{};
        done_ = done;
        const auto now = Clock::now();
        if (now < due_) return;
        due_ = now + (terminal_ ? bar_every : line_every);
        show(now);
    }

    void end() override {
        if (!drawn_) return;
        done_ = std::max(done_, total_); // Markers take places that are no steps.
        show(Clock::now());
        if (terminal_) std::fputc('\n', stderr);
        drawn_ = false;
    }

private:
    void show(Clock::time_point now) {
        const auto passed = std::max<std::uint64_t>(
            1, static_cast<std::uint64_t>(
                   std::chrono::duration_cast<milliseconds>(now - began_).count()));
        const std::uint64_t rate = done_ * 1000 / passed;
        std::string line = task_ + ": ";
        if (total_ > 0) {
            const std::uint64_t done = std::min(done_, total_);
            if (terminal_) {
                const auto full = static_cast<std::size_t>(done * bar_cells / total_);
                line += "[" + std::string(full, '#') + std::string(bar_cells - full, '.') + "] ";
            }
            line += std::to_string(done * 100 / total_) + "% of " + grouped(total_);
            if (rate > 0 && done < total_) line += ", " + span((total_ - done) / rate) + " left";
        } else {
            line += grouped(done_);
        }
        line += ", " + grouped(rate) + "/s";
        if (terminal_)
            std::fprintf(stderr, "\r%s\x1b[K", line.c_str());
        else
            std::fprintf(stderr, "%s\n", line.c_str());
        std::fflush(stderr);
        drawn_ = true;
    }

    const bool terminal_ = ::isatty(STDERR_FILENO) == 1;
    std::string task_;
    std::uint64_t total_ = 0, done_ = 0;
    Clock::time_point began_, due_;
    bool drawn_ = false;
};

} // namespace

void note_interrupts() {
    struct sigaction action {};
    action.sa_handler = on_interrupt;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() { return interrupts != 0; }

std::unique_ptr<Progress> shown_progress() { return std::make_unique<ShownProgress>(); }

} // namespace gateways::marketctl
