// A server that behaves like the grid's proxy (gridproxy.grid.tf): its REST reads over a catalogue
// that is made from a seed or handed in. See the README for the control endpoints.

#pragma once

#include "gateways/sandbox/clock.hpp"
#include "gateways/sandbox/faults.hpp"
#include "gateways/sandbox/front.hpp"
#include "gateways/sandbox/grid_proxy/catalogue.hpp"

#include <functional>
#include <memory>

namespace gateways::sandbox {

struct GridProxyOptions {
    FrontOptions front;
    std::uint64_t seed = 1;
    std::size_t nodes = 3000; // 0: an empty grid, to be loaded.
    // Adds what has happened on a chain beside it, before the catalogue is read; empty: there is
    // none. Outlives the server.
    std::function<void(grid_proxy::Catalogue&)> chain;
};

class GridProxySandbox {
public:
    // Throws std::exception when the port cannot be had.
    explicit GridProxySandbox(GridProxyOptions options = {});
    ~GridProxySandbox();
    GridProxySandbox(const GridProxySandbox&) = delete;
    GridProxySandbox& operator=(const GridProxySandbox&) = delete;

    unsigned short port() const; // Also before start().
    void start();                // Once.
    void stop();

    const std::shared_ptr<Clock>& clock() const;
    Faults& faults();

private:
    class Content;
    std::unique_ptr<Content> content_;
};

} // namespace gateways::sandbox
