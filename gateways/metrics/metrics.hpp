// What Prometheus reads at /metrics. Nothing is counted here: each part keeps its own plain
// counters, and tells them when it is asked, so that counting costs the hot path nothing.

#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gateways::metrics {

// Durations, from 50 microseconds to 10 seconds. Thread-safe.
class Durations {
public:
    static constexpr std::array<double, 16> bounds_seconds{
        0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01,
        0.02,    0.05,   0.1,    0.2,    0.5,   1,     2,     10};

    void add(std::uint64_t nanoseconds);

    std::array<std::uint64_t, bounds_seconds.size() + 1> counts() const;
    double sum_seconds() const { return static_cast<double>(sum_.load()) * 1e-9; }

private:
    std::array<std::atomic<std::uint64_t>, bounds_seconds.size() + 1> counts_{};
    std::atomic<std::uint64_t> sum_{0};
};

using Labels = std::map<std::string, std::string>;

// One reading of everything. Names follow Prometheus' conventions: base units, `_total` for
// what only grows. The first call for a name gives its help text.
class Reading {
public:
    Reading();
    ~Reading();

    void counter(const std::string& name, const std::string& help, const Labels& labels,
                 double value);
    void gauge(const std::string& name, const std::string& help, const Labels& labels,
               double value);
    void histogram(const std::string& name, const std::string& help, const Labels& labels,
                   const Durations& durations);

    std::string text() const; // In the text exposition format, version 0.0.4.

private:
    struct Content;
    std::unique_ptr<Content> content_;
};

// Sources are added before the first reading.
class Metrics {
public:
    using Source = std::function<void(Reading&)>;
    void add(Source source) { sources_.push_back(std::move(source)); }
    std::string text() const;

private:
    std::vector<Source> sources_;
};

} // namespace gateways::metrics
