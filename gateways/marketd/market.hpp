// The parts of one marketd process, put together: log, processors, views, door.

#pragma once

#include "gateways/marketd/options.hpp"

#include <memory>
#include <string>

namespace gateways::marketd {

class Market {
public:
    // Opens everything. Throws with a reason that says what to do.
    explicit Market(const Options& options);
    ~Market();

    // Serves until stop() or until a part cannot go on; then the reason, else empty.
    std::string run();
    void stop(); // From any thread; not from a signal handler.

    // As "127.0.0.1:8080"; empty without the http role.
    std::string address() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace gateways::marketd
