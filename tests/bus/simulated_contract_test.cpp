// The simulated log without faults keeps every promise at once.

#include "bus/simulated/simulated.hpp"
#include "tests/bus/contract.hpp"

#include <utility>

namespace tests {

namespace {

using bus::simulated::World;

// Goes on between the steps of the world for as long as it exists.
class VirtualAside final : public Aside {
public:
    VirtualAside(World& world, std::function<void()> action, bool again) {
        run(world, std::make_shared<std::function<void()>>(std::move(action)), again);
    }
    ~VirtualAside() override { *alive_ = false; }

private:
    void run(World& world, std::shared_ptr<std::function<void()>> action, bool again) {
        schedule(world, alive_, action, again);
    }
    static void schedule(World& world, std::shared_ptr<bool> alive,
                         std::shared_ptr<std::function<void()>> action, bool again) {
        world.after(milliseconds{1}, [&world, alive, action, again] {
            if (!*alive) return;
            (*action)();
            if (again) schedule(world, alive, action, again);
        });
    }

    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

class SimulatedStorage final : public LogStorage {
public:
    explicit SimulatedStorage(std::uint64_t seed) : seed_{seed} {}

    std::unique_ptr<bus::Log> open(int partitions) override {
        if (!world_) {
            bus::simulated::Options options;
            options.partitions = partitions;
            world_ = std::make_unique<World>(seed_, options);
        }
        return bus::simulated::open(*world_, partitions);
    }

    milliseconds now() const override {
        return std::chrono::duration_cast<milliseconds>(world_->now());
    }
    void pause() override { world_->advance(milliseconds{1}); }
    std::unique_ptr<Aside> once(std::function<void()> action) override {
        return std::make_unique<VirtualAside>(*world_, std::move(action), false);
    }
    std::unique_ptr<Aside> repeatedly(std::function<void()> action) override {
        return std::make_unique<VirtualAside>(*world_, std::move(action), true);
    }
    std::string cannot_fill() const override { return {}; }
    void fill_disk() override { world_->fill_disk(); }
    void make_room() override { world_->make_room(); }

private:
    const std::uint64_t seed_;
    std::unique_ptr<World> world_;
};

LogKind seed(std::uint64_t number) {
    return {"seed" + std::to_string(number),
            [number] { return std::make_unique<SimulatedStorage>(number); }};
}

INSTANTIATE_TEST_SUITE_P(Simulated, LogContract,
                         testing::Values(seed(1), seed(2), seed(3), seed(4), seed(5)), kind_name);

} // namespace

} // namespace tests
