#include "gateways/metrics/metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cmath>

namespace gateways::metrics {

void Durations::add(std::uint64_t nanoseconds) {
    const double seconds = static_cast<double>(nanoseconds) * 1e-9;
    const auto at = std::ranges::lower_bound(bounds_seconds, seconds) - bounds_seconds.begin();
    counts_[static_cast<std::size_t>(at)].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(nanoseconds, std::memory_order_relaxed);
}

std::array<std::uint64_t, Durations::bounds_seconds.size() + 1> Durations::counts() const {
    std::array<std::uint64_t, bounds_seconds.size() + 1> all{};
    std::ranges::transform(counts_, all.begin(), [](const auto& count) { return count.load(); });
    return all;
}

struct Reading::Content {
    std::map<std::string, prometheus::MetricFamily> families;

    prometheus::ClientMetric& add(const std::string& name, const std::string& help,
                                  prometheus::MetricType type, const Labels& labels) {
        auto& family = families[name];
        if (family.name.empty()) {
            family.name = name;
            family.help = help;
            family.type = type;
        }
        auto& metric = family.metric.emplace_back();
        for (const auto& [key, value] : labels)
            metric.label.push_back({key, value});
        return metric;
    }
};

Reading::Reading() : content_{std::make_unique<Content>()} {}
Reading::~Reading() = default;

void Reading::counter(const std::string& name, const std::string& help, const Labels& labels,
                      double value) {
    content_->add(name, help, prometheus::MetricType::Counter, labels).counter.value = value;
}

void Reading::gauge(const std::string& name, const std::string& help, const Labels& labels,
                    double value) {
    content_->add(name, help, prometheus::MetricType::Gauge, labels).gauge.value = value;
}

void Reading::histogram(const std::string& name, const std::string& help, const Labels& labels,
                        const Durations& durations) {
    auto& histogram =
        content_->add(name, help, prometheus::MetricType::Histogram, labels).histogram;
    const auto counts = durations.counts();
    for (std::size_t i = 0; i < counts.size(); ++i) {
        histogram.sample_count += counts[i];
        histogram.bucket.push_back({histogram.sample_count, i < Durations::bounds_seconds.size()
                                                                ? Durations::bounds_seconds[i]
                                                                : HUGE_VAL});
    }
    histogram.sample_sum = durations.sum_seconds();
}

std::string Reading::text() const {
    std::vector<prometheus::MetricFamily> families;
    for (const auto& [name, family] : content_->families)
        families.push_back(family);
    return prometheus::TextSerializer{}.Serialize(families);
}

std::string Metrics::text() const {
    Reading reading;
    for (const Source& source : sources_)
        source(reading);
    return reading.text();
}

} // namespace gateways::metrics
