// Commands of our own workers on their way to whoever decides them.

#pragma once

#include "gateways/market/desk.hpp"
#include "projections/worker.hpp"

namespace gateways::market {

// Thread-safe.
class Errands final : public projections::Poster {
public:
    // `milliseconds_now` becomes the commands' time.
    Errands(const projections::Registry& registry, Desk& desk,
            std::function<std::int64_t()> milliseconds_now)
        : registry_{registry}, desk_{desk}, milliseconds_now_{std::move(milliseconds_now)} {}

    void post(const projections::TodoItem& item, const std::string& id,
              const projections::PostedCommand& command, Then then) override;
    bool owns(int partition) const override { return desk_.owns(partition); }

private:
    const projections::Registry& registry_;
    Desk& desk_;
    const std::function<std::int64_t()> milliseconds_now_;
};

} // namespace gateways::market
