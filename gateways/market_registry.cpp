#include "gateways/market_registry.hpp"

#include "domain/payment.hpp"
#include "schemas/messages.hpp"

namespace gateways {

const projections::Registry& market_registry() {
    static const projections::Registry registry = [] {
        projections::Registry all;
        all.add<domain::Payment>();
        return all;
    }();
    return registry;
}

} // namespace gateways
