#include "gateways/sandbox/grid/grid_sandbox.hpp"

#include <mutex>

namespace gateways::sandbox {

class GridSandbox::Content final : public Protocol {
public:
    explicit Content(GridOptions options)
        : front_{options.front, *this},
          world_{std::move(options.world)},
          desk_{std::move(options.desk), world_, front_.faults()} {}

    Answer answer(const Call& call) override {
        const std::lock_guard lock{mutex_};
        return desk_.answer(call, move());
    }

    std::optional<Answer> control(const Call& call) override {
        const std::lock_guard lock{mutex_};
        move();
        return desk_.control(call);
    }

    void settle() override {
        const std::lock_guard lock{mutex_};
        move();
    }

    Front& front() { return front_; }

    std::vector<grid::Contract> contracts() {
        const std::lock_guard lock{mutex_};
        move();
        std::vector<grid::Contract> all;
        for (const auto& [id, contract] : world_.contracts())
            all.push_back(contract);
        return all;
    }

    std::vector<grid::Bill> bills() {
        const std::lock_guard lock{mutex_};
        move();
        return world_.bills();
    }

    void show(grid_proxy::Catalogue& catalogue) {
        const std::lock_guard lock{mutex_};
        move();
        world_.show(catalogue, desk_.twin());
    }

private:
    Time move() {
        const Time now = front_.clock().now();
        world_.move_to(now);
        desk_.settle(now);
        return now;
    }

    std::mutex mutex_; // Guards what follows the front.
    Front front_;
    grid::World world_;
    grid::Desk desk_;
};

GridSandbox::GridSandbox(GridOptions options)
    : content_{std::make_unique<Content>(std::move(options))} {}

GridSandbox::~GridSandbox() { stop(); }

unsigned short GridSandbox::port() const { return content_->front().port(); }

std::string GridSandbox::url() const { return "http://127.0.0.1:" + std::to_string(port()); }

void GridSandbox::start() { content_->front().start(); }

void GridSandbox::stop() { content_->front().stop(); }

const std::shared_ptr<Clock>& GridSandbox::clock() const {
    return content_->front().shared_clock();
}

Faults& GridSandbox::faults() { return content_->front().faults(); }

std::vector<grid::Contract> GridSandbox::contracts() const { return content_->contracts(); }

std::vector<grid::Bill> GridSandbox::bills() const { return content_->bills(); }

void GridSandbox::show(grid_proxy::Catalogue& catalogue) const { content_->show(catalogue); }

} // namespace gateways::sandbox
