// A server that behaves like the grid's sidecar towards a marketplace: the protocol that is written
// down beside the sidecar, on a grid in memory. Beside /sandbox/clock and /sandbox/faults it has
//
//   GET    /sandbox/contracts  all live ones
//   GET    /sandbox/bills      what was paid for every contract, hour by hour
//   POST   /sandbox/balance    {"free": "<digits>"}: the wallet
//   POST   /sandbox/level      {"level": "Silver"}: of every bill's discount, whatever the wallet
//                              holds; null: by the wallet
//   POST   /sandbox/prices     {"tft": 10, "policy": {"id": 1, "cu": ..., "su": ..., "ipu": ...,
//                              "unique_name": ...}}: what the chain bills with, and what the
//                              sidecar tells of it; that is nothing until it was told
//   POST   /sandbox/states     {"name", "state", "message"}: what a node says of a workload
//   DELETE /sandbox/jobs       forgets all jobs, as a restart of the sidecar does

#pragma once

#include "gateways/sandbox/front.hpp"
#include "gateways/sandbox/grid/desk.hpp"

#include <memory>

namespace gateways::sandbox {

struct GridOptions {
    FrontOptions front;
    grid::DeskTerms desk;
    grid::WorldTerms world;
};

class GridSandbox {
public:
    // Throws std::exception when the port cannot be had.
    explicit GridSandbox(GridOptions options = {});
    ~GridSandbox();
    GridSandbox(const GridSandbox&) = delete;
    GridSandbox& operator=(const GridSandbox&) = delete;

    unsigned short port() const; // Also before start().
    std::string url() const;
    void start(); // Once.
    void stop();

    const std::shared_ptr<Clock>& clock() const;
    Faults& faults();
    // Copies, of this moment.
    std::vector<grid::Contract> contracts() const;
    std::vector<grid::Bill> bills() const;
    // Adds what a Grid Proxy's catalogue does not show yet.
    void show(grid_proxy::Catalogue& catalogue) const;

private:
    class Content;
    std::unique_ptr<Content> content_;
};

} // namespace gateways::sandbox
